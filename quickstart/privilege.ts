import { execa, type Options } from "execa";
import { Failure } from "./failure.js";
import { say } from "./screen.js";

/** Servers and tools for root are often off a user's PATH. */
export const searchPath = `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`;

/** Runs what only root may: an SSH server whose logins are root's, and the jail's interpreter. */
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

  /** The whole command line, for one who starts it himself. */
  command(file: string, args: readonly string[]): [string, string[]] {
    const [first = file, ...rest] = [...this.prefix, file, ...args];
    return [first, rest];
  }

  /** Runs a command to its end. It throws only where `reject` is not false. */
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

  /** Sends a signal. A negative number is a whole process group. By the shell's own kill: not every machine has another. */
  async kill(signal: "TERM" | "KILL", pids: readonly number[]): Promise<void> {
    if (pids.length > 0)
      await this.run("sh", ["-c", `for pid; do kill -${signal} "$pid"; done`, "sh", ...pids.map(String)], {
        reject: false,
      });
  }
}
