import { execa, type Options } from "execa";
import { Failure } from "./failure.js";
import { say } from "./screen.js";

/** PATH with the directories of servers and root's tools, which a user's PATH often lacks. */
export const searchPath = `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`;

/** Runs what only root may run: an SSH server with logins as root, and the jail's interpreter. */
export class Root {
  private constructor(private readonly prefix: readonly string[]) {}

  static async find(): Promise<Root> {
    if (process.getuid?.() === 0) return new Root([]);
    const trial = await execa("sudo", ["-n", "true"], { reject: false, env: { PATH: searchPath } });
    if (trial.exitCode !== 0) {
      const why = trial.code === "ENOENT" ? "there is no sudo" : "sudo asks for a password";
      throw new Failure(
        `the SSH host and its jail need root's rights: you are not root, and ${why}`,
        "run this as root, or type `sudo -v` first",
      );
    }
    say("root", "the SSH host and its jail are root's: made through sudo");
    return new Root(["sudo", "-n", "--"]);
  }

  /** Returns the whole command line, for a caller that starts it itself. */
  command(file: string, args: readonly string[]): [string, string[]] {
    const [first = file, ...rest] = [...this.prefix, file, ...args];
    return [first, rest];
  }

  /** Runs a command to its end. Throws if it fails, unless `reject` is false. */
  async run(
    file: string,
    args: readonly string[],
    options: Options = {},
  ): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
    const result = await execa(...this.command(file, args), {
      stdin: "ignore",
      ...options,
      env: { PATH: searchPath, LC_ALL: "C" },
    });
    return { exitCode: result.exitCode, stdout: String(result.stdout ?? ""), stderr: String(result.stderr ?? "") };
  }

  /**
   * Sends a signal; a negative number means a process group. Uses the shell's kill, as not every machine has /bin/kill.
   */
  async kill(signal: "TERM" | "KILL", pids: readonly number[]): Promise<void> {
    if (pids.length > 0)
      await this.run("sh", ["-c", `for pid; do kill -${signal} "$pid"; done`, "sh", ...pids.map(String)], {
        reject: false,
      });
  }
}
