import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";
import { engineRoot } from "../src/base/pulumi-internals.js";
import { diskFull, Failure, tellsOfFullDisk } from "./failure.js";
import { checkout, type Places } from "./places.js";
import { searchPath } from "./privilege.js";
import { stack } from "./stack.js";

/** Result of a command that ran before the user's eyes. */
export interface End {
  readonly exitCode: number;
  /** True if the user stopped it. */
  readonly stopped: boolean;
}

/** Options of an operation that asks nothing and prints only what it does. */
export const unattended = [
  "--yes",
  "--skip-preview",
  "--suppress-outputs",
  "--suppress-permalink=true",
  "--stack",
  stack,
] as const;

/** Makes the failure for an operation that failed or was stopped. The operation has printed the reason itself. */
export function notEnded(operation: "up" | "destroy"): Failure {
  return new Failure(
    `\`pulumi ${operation}\` did not come to its end: see above`,
    "mend what it says, if anything, and run this again: it goes on where it stopped",
  );
}

/** The engine's exit code after it was stopped. */
const cancelled = 8;

/**
 * The Pulumi engine with the quickstart's own project, backend and settings. It neither reads nor writes the user's.
 */
export class Engine {
  private readonly file = engineFile();
  private readonly env: Record<string, string>;

  constructor(private readonly places: Places) {
    const inherited = Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || name.startsWith("PULUMI_") ? [] : [[name, value]],
    );
    this.env = {
      ...(Object.fromEntries(inherited) as Record<string, string>),
      // Finds the project's Node, the language host beside the engine, and ssh.
      PATH: [join(checkout, "node_modules", ".bin"), dirname(this.file), searchPath].join(delimiter),
      PULUMI_HOME: places.engineHome,
      PULUMI_BACKEND_URL: `file://${places.backend}`,
      // An empty passphrase will do: the stack holds no secret, and does not outlive the jail.
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_CONTINUE_ON_ERROR: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
  }

  /** Runs a command without showing it, and returns what it printed. */
  async quiet(...args: string[]): Promise<string> {
    const result = await execa(this.file, [...args, "--non-interactive", "--color=never"], {
      ...this.options(),
      stdin: "ignore",
      reject: false,
    });
    if (result.exitCode === 0) return result.stdout;
    if (tellsOfFullDisk(result.stderr)) throw diskFull(this.places.directory);
    const [said = "it said nothing"] = result.stderr.split("\n").filter((line) => line.trim() !== "");
    throw new Failure(
      `pulumi ${args[0]} failed: ${said.replace(/^error: /, "")}`,
      "run this again; if it stays so, start anew: npm run quickstart -- --destroy",
    );
  }

  /**
   * Runs a command before the user's eyes. The terminal sends Ctrl-C to the engine too. At the first Ctrl-C the engine
   * lets its operations finish, so this waits for it. Signals to this process alone are passed on.
   */
  async watched(...args: string[]): Promise<End> {
    const engine = execa(this.file, args, { ...this.options(), stdio: "inherit", reject: false });
    const ignored = (): void => {};
    const passedOn = (): void => void engine.kill("SIGINT");
    process.on("SIGINT", ignored).on("SIGTERM", passedOn).on("SIGHUP", passedOn);
    const { exitCode } = await engine;
    process.off("SIGINT", ignored).off("SIGTERM", passedOn).off("SIGHUP", passedOn);
    return { exitCode: exitCode ?? 1, stopped: exitCode === cancelled || exitCode === undefined };
  }

  private options(): { cwd: string; env: Record<string, string>; extendEnv: false } {
    return { cwd: this.places.project, env: this.env, extendEnv: false };
  }
}

/** Path of the engine itself. The command that npm installs is a wrapper, which would catch the signals. */
function engineFile(): string {
  const file = join(engineRoot(), "bin", "pulumi");
  if (existsSync(file)) return file;
  throw new Failure(`the Pulumi engine is not at ${file}`, "run: sh setup/run.sh engine");
}
