import { parseConfig } from "../config.js";
import { EngineError } from "../rollout/engine.js";
import { hostsPerStack, Template, type Shard } from "../rollout/split.js";
import { plural } from "../base/text.js";
import { countOption, cwdOption, defineCommand, jsonOption, yesOption } from "./command.js";
import { UsageError } from "../base/usage-error.js";
import { confirmed, refuseUnlessAnswered, terminalFor, type Terminal } from "../base/terminal.js";

export const fleetSplitCommand = defineCommand({
  summary: "splits a stack into several, each with a part of its hosts",
  usage: ["--stack NAME [OPTION…]"],
  about: [
    "Splits the stack NAME into NAME-1, NAME-2 and so on. Each gets a part of the hosts in NAME's config, and a copy of everything else in it. NAME is their template from then on: change its config, run this command again, then `fleet up --stacks 'NAME-*'`. The split changes nothing on the hosts. That `fleet up` adopts the jails that NAME had made, as they are.",
  ],
  options: {
    stack: { type: "string", value: "NAME", help: "name of the stack to split" },
    "hosts-per-stack": {
      type: "string",
      value: "N",
      help: `approximate number of hosts in each stack (default: ${hostsPerStack})`,
    },
    shards: {
      type: "string",
      value: "N",
      help: "number of stacks (default: the existing number, or else what --hosts-per-stack gives). It is final: with another number, hosts would change their stacks",
    },
    cwd: cwdOption,
    "dry-run": { type: "boolean", default: false, help: "only print what would be done" },
    yes: yesOption,
    json: jsonOption,
  },
  closing: ["Exit code: 0 done, 1 you declined, 2 the command line or the stack's config is wrong."],
  interruptible: true,
  run: (values, _, stdout) => fleetSplit(values, stdout),
});

interface SplitValues {
  stack?: string;
  "hosts-per-stack"?: string;
  shards?: string;
  cwd: string;
  "dry-run": boolean;
  yes: boolean;
  json: boolean;
}

async function fleetSplit(values: SplitValues, stdout: Terminal): Promise<number> {
  const { stack, shards: count, "hosts-per-stack": each, cwd, json, yes, "dry-run": dryRun } = values;
  if (stack === undefined) throw new UsageError("say which stack with --stack");
  if (count !== undefined && each !== undefined) throw new UsageError("give one of --shards and --hosts-per-stack");
  const size = each === undefined ? hostsPerStack : countOption("--hosts-per-stack", each);
  const wanted = count === undefined ? undefined : countOption("--shards", count);
  refuseUnlessAnswered({ dryRun, yes, json });
  const terminal = terminalFor(json, stdout);
  const finish = (shards: readonly Shard[]): void => {
    if (json) stdout.write(`${JSON.stringify(shards, null, 2)}\n`);
  };

  try {
    const template = await Template.read(cwd, stack, (project, texts, root) =>
      parseConfig(project, texts, root).hosts.map(({ name }) => name),
    );
    const number = wanted ?? template.count ?? Math.ceil(template.hosts.length / size);
    if (number < 2) {
      terminal.write(`${stack} has ${plural(template.hosts.length, "host")}: one stack is enough for ${size}\n`);
      finish([]);
      return 0;
    }
    const shards = template.shards(number);
    terminal.write(
      `${stack}: ${plural(template.hosts.length, "host")} in ${number} stacks\n${shards.map((shard) => lineOf(shard, terminal)).join("\n")}\n`,
    );
    const todo = shards.filter(({ is }) => is !== "as it should be");
    if (!dryRun && todo.length > 0) {
      if (!yes && !(await confirmed(`Write ${plural(todo.length, "stack")}?`))) {
        terminal.write("nothing was changed\n");
        return 1;
      }
      for (const shard of todo) await template.apply(shard);
      terminal.write(`done; on the hosts: npx python3jail fleet up --stacks '${stack}-*'\n`);
      if (await template.hasResources()) {
        terminal.write(
          `${stack} itself still knows its jails: after that, and never before, make it forget them: pulumi state remove --all --force --stack ${stack}\n`,
        );
      }
    }
    finish(shards);
    return 0;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    process.stderr.write(`python3jail fleet split: ${error.message}\n`);
    return 2;
  }
}

function lineOf({ stack, shard, hosts, is }: Shard, { paint }: Terminal): string {
  return `  ${stack}  ${shard}  ${String(hosts.length).padStart(4)} hosts  ${paint(is === "as it should be" ? "dim" : "yellow", is)}`;
}
