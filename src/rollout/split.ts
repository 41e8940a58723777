import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import pLimit from "p-limit";
import { messageOf } from "../base/errors.js";
import type { ConfigMap, LocalWorkspace } from "../base/pulumi-internals.js";
import { isInShard } from "../fleet/shard.js";
import { pulumi } from "../local/pulumi.js";
import { EngineError, translating, workspaceIn } from "./engine.js";

/** Default number of hosts in a stack; docs/sharding.md has the figures that it is based on. */
export const hostsPerStack = 150;

/** One of the stacks that share the hosts of a template's config. */
export interface Shard {
  readonly stack: string;
  /** Its share, as in its config: "3/10". */
  readonly shard: string;
  readonly hosts: readonly string[];
  /** Whether the stack must be created, must get the template's config, or has it. */
  readonly is: "new" | "to update" | "as it should be";
}

/** An existing stack NAME-1, NAME-02… */
interface Found {
  readonly stack: string;
  readonly shard: string | undefined;
  readonly config: ConfigMap;
  /** True if it has no config: an earlier split was interrupted just after it created the stack. */
  readonly empty: boolean;
}

/**
 * Reads the names of the hosts in a stack's config. `root`: the project's directory. Throws an error that names every
 * wrong property.
 */
type HostNames = (project: string, texts: Readonly<Record<string, string>>, root: string) => readonly string[];

/** A stack whose config is the template of other stacks, its shards. */
export class Template {
  private constructor(
    private readonly workspace: LocalWorkspace,
    readonly stack: string,
    private readonly shardKey: string,
    private readonly config: ConfigMap,
    /** Names of its hosts. */
    readonly hosts: readonly string[],
    private readonly found: readonly Found[],
    private readonly secretsProvider: string | undefined,
  ) {}

  /** Reads the configs of the stack and of its shards. Throws EngineError. */
  static async read(folder: string, stack: string, hostNames: HostNames): Promise<Template> {
    // Stacks are listed by their plain names. With a qualified name, the shards would not be found, and be created
    // again.
    if (stack.includes("/"))
      throw new EngineError(`${stack}: give the stack's plain name, without organization and project`);
    return translating(async () => {
      const workspace = await workspaceIn(folder);
      const { name: project } = await workspace.projectSettings();
      const shardKey = `${project}:shard`;
      const config = await workspace.getAllConfig(stack);
      // `pulumi config cp` would copy the share to the shards, even the share of all hosts if that is written in the
      // file.
      const { config: written = {}, secretsprovider } = await fileOf(workspace, stack);
      if (shardKey in written)
        throw new EngineError(
          `${stack} is a shard itself (its config has \`${shardKey}\`): split the stack that it was made from`,
        );
      const texts = Object.fromEntries(Object.entries(config).map(([key, { value }]) => [key, value]));
      const hosts = [...new Set(hostNames(project, texts, resolve(folder)))];
      const limit = pLimit(4);
      const numbered = (await workspace.listStacks())
        .map(({ name }) => name)
        .filter((name) => name.startsWith(`${stack}-`) && /^\d+$/.test(name.slice(stack.length + 1)));
      const found = await Promise.all(
        numbered.map((name) =>
          limit(async () => {
            const config = await workspace.getAllConfig(name);
            const { config: own = {} } = await fileOf(workspace, name);
            return { stack: name, shard: shareIn(config, shardKey), config, empty: Object.keys(own).length === 0 };
          }),
        ),
      );
      return new Template(workspace, stack, shardKey, config, hosts, found, secretsprovider);
    });
  }

  /** Number of existing shards; undefined if there are none. Throws EngineError if they come from several splits. */
  get count(): number | undefined {
    const begun = this.found.filter(({ empty }) => !empty);
    const counts = new Set(
      begun.map(({ stack, shard }) => {
        const count = /^\d+\/(\d+)$/.exec(shard ?? "")?.[1];
        // A stack without a share has all hosts, so it is no shard: do not write to it.
        if (count === undefined)
          throw new EngineError(
            `${stack} is there already, and is no shard (its \`${this.shardKey}\` is not set): rename or remove it`,
          );
        return Number(count);
      }),
    );
    const shares = begun.map(({ shard }) => shard);
    const twice = begun.find(({ shard }, index) => shares.indexOf(shard) !== index);
    if (twice)
      throw new EngineError(
        `${twice.stack} has the same hosts as another stack (${twice.shard}): remove the one that is not to be`,
      );
    if (counts.size > 1)
      throw new EngineError(
        `the stacks ${this.stack}-* are of several splits (${[...counts].sort((one, other) => one - other).join(" and ")} shards): remove those that are not to be`,
      );
    return [...counts][0];
  }

  /** Returns the shards for this number: NAME-01 to NAME-10. Throws EngineError if another number of shards exists. */
  shards(count: number): Shard[] {
    if (this.count !== undefined && this.count !== count) {
      throw new EngineError(
        `${this.stack} is in ${this.count} shards already, and with ${count} hosts would change their stacks: stay with --shards ${this.count}, or destroy and remove those stacks first`,
      );
    }
    return Array.from({ length: count }, (_, index) => {
      const shard = `${index + 1}/${count}`;
      const name = `${this.stack}-${String(index + 1).padStart(String(count).length, "0")}`;
      const found =
        this.found.find((one) => one.shard === shard) ?? this.found.find(({ stack, empty }) => empty && stack === name);
      return {
        stack: found?.stack ?? name,
        shard,
        hosts: this.hosts.filter((name) => isInShard(name, shard)),
        is: found === undefined ? "new" : this.differing(found.config).length === 0 ? "as it should be" : "to update",
      };
    });
  }

  /** Creates the shard's stack if it is new, and copies the template's config to it. Throws EngineError. */
  async apply({ stack, shard, is }: Shard): Promise<void> {
    if (is === "as it should be") return;
    if (is === "new") {
      await this.pulumi(
        "stack",
        "init",
        stack,
        "--no-select",
        ...(this.secretsProvider === undefined ? [] : ["--secrets-provider", this.secretsProvider]),
      );
    }
    // Set the share first: a stack without one would have all hosts.
    await this.pulumi("config", "set", this.shardKey, shard, "--stack", stack);
    await this.pulumi("config", "cp", "--stack", this.stack, "--dest", stack);
    // Remove the keys that the template does not have any more; a copy leaves them.
    const now = await this.workspace.getAllConfig(stack);
    for (const key of this.differing(now)) if (key in now) await this.pulumi("config", "rm", key, "--stack", stack);
  }

  /** True if the template's own state has resources: jails that it created, and that its shards adopt. */
  async hasResources(): Promise<boolean> {
    const exported: { deployment: unknown } = await this.workspace.exportStack(this.stack);
    return ((exported.deployment as { resources?: unknown[] } | undefined)?.resources ?? []).length > 1;
  }

  /** Returns the keys, except the share's, whose values differ from the template's. */
  private differing(config: ConfigMap): string[] {
    const told = (entry: ConfigMap[string] | undefined): string =>
      JSON.stringify([entry?.value, entry?.secret === true]);
    const keys = new Set([...Object.keys(config), ...Object.keys(this.config)]);
    return [...keys].filter((key) => key !== this.shardKey && told(config[key]) !== told(this.config[key]));
  }

  private async pulumi(...args: string[]): Promise<void> {
    await pulumi(this.workspace.workDir, ...args).catch((error: unknown) => {
      throw new EngineError(messageOf(error));
    });
  }
}

/** Returns a config's share of the hosts; undefined if it has all. */
function shareIn(config: ConfigMap, key: string): string | undefined {
  const share = config[key]?.value;
  // 1/1 is the default in Pulumi.yaml.
  return share === "1/1" ? undefined : share;
}

interface StackFile {
  readonly config?: Readonly<Record<string, unknown>>;
  /** Provider that encrypts its secrets, if it is not the backend's default. */
  readonly secretsprovider?: string;
}

/**
 * Reads the stack's own file, without Pulumi.yaml's defaults. The Automation API cannot: it ignores `stackConfigDir`.
 */
async function fileOf({ workDir }: LocalWorkspace, stack: string): Promise<StackFile> {
  const { parse } = await import("yaml");
  const read = (...path: string[]): unknown =>
    parse(readFileSync(join(workDir, ...path), "utf8"), { maxAliasCount: -1 });
  const { stackConfigDir = "." } = read("Pulumi.yaml") as { stackConfigDir?: string };
  const file = join(stackConfigDir, `Pulumi.${stack}.yaml`);
  return existsSync(join(workDir, file)) ? ((read(file) as StackFile | null) ?? {}) : {};
}
