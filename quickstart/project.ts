import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "./engine.js";
import { Failure } from "./failure.js";
import { checkout, type Places } from "./places.js";
import { stack } from "./stack.js";

/** How the stack reaches the host, and which cache it uses there. */
export interface Settings {
  /** True if the cache is shared; it then stays when the jail is removed. */
  readonly keepCache: boolean;
}

/**
 * Makes the Pulumi project: a copy of this repository's in a separate folder. The repository's stacks, and the stack
 * that the user selected in it, stay as they are.
 */
export async function makeProject(places: Places, engine: Engine, settings: Settings): Promise<void> {
  for (const folder of [places.project, join(places.project, "stacks"), places.backend])
    mkdirSync(folder, { recursive: true });
  const manifest = readFileSync(join(checkout, "Pulumi.yaml"), "utf8");
  writeFileSync(join(places.project, "Pulumi.yaml"), movedManifest(manifest, checkout));
  await engine.quiet("stack", "select", "--create", stack);
  await configure(places, engine, settings);
}

export function isMade(places: Places): boolean {
  return existsSync(configFile(places)) && existsSync(stateFile(places));
}

/** Rewrites the project file for another folder; the program stays where it is. */
export function movedManifest(manifest: string, from: string): string {
  const moved = manifest.replace(/^main: *(\S+)$/m, (_, main: string) => `main: ${join(from, main)}`);
  if (moved === manifest) throw new Failure("Pulumi.yaml has no `main:`", "restore it: git checkout Pulumi.yaml");
  return moved;
}

/**
 * Writes the stack's config: the repository's stacks/Pulumi.local.yaml with our host. The engine edits the file, as it
 * parses YAML and keeps comments.
 */
async function configure(places: Places, engine: Engine, { keepCache }: Settings): Promise<void> {
  const growing = join(places.project, "growing.yaml");
  rmSync(growing, { force: true });
  copyFileSync(join(checkout, "stacks", "Pulumi.local.yaml"), growing);
  const host = "python3jail:hosts[0]";
  const values = {
    name: "local",
    // The ssh settings file has the whole connection, so that another port changes no resource.
    "connection.host": "local",
    "connection.sshConfigFile": places.sshConfig,
    path: places.jail,
    "directories.state": places.state,
    "directories.cache": places.cache,
    "root.keepCache": String(keepCache),
    // The user may put files into the jail, and --destroy must remove them too.
    "root.deleteContents": "true",
    "python.installBuildDependencies": "true",
    // A package manager may need a long time.
    "timeouts.step": "1200",
  };
  const into = ["--config-file", growing, "--stack", stack, "--path"];
  await engine.quiet("config", "rm", ...into, `${host}.connection`);
  await engine.quiet(
    "config",
    "set-all",
    ...into,
    ...Object.entries(values).flatMap(([key, value]) => ["--plaintext", `${host}.${key}=${value}`]),
  );
  // Keep the stack's salt: without it, no secret in its state could be decrypted.
  const salt = existsSync(configFile(places))
    ? (/^encryptionsalt:.*\n/m.exec(readFileSync(configFile(places), "utf8"))?.[0] ?? "")
    : "";
  writeFileSync(growing, salt + readFileSync(growing, "utf8").replace(/^encryptionsalt:.*\n/m, ""));
  renameSync(growing, configFile(places));
}

function configFile(places: Places): string {
  return join(places.project, "stacks", `Pulumi.${stack}.yaml`);
}

function stateFile(places: Places): string {
  return join(places.backend, ".pulumi", "stacks", "python3jail", `${stack}.json`);
}
