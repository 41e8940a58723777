import { execa } from "execa";
import { engineFailure, engineFailureText } from "./engine-failure.js";

/**
 * Runs Pulumi's CLI and returns its output. Uses the project's own CLI, or else the one on the PATH. Throws with its
 * error.
 */
export async function pulumi(cwd: string, ...args: string[]): Promise<string> {
  const result = await execa("pulumi", [...args, "--non-interactive", "--color=never"], {
    cwd,
    preferLocal: true,
    localDir: cwd,
    reject: false,
    stdin: "ignore",
    env: { PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" },
  });
  if (!result.failed) return result.stdout;
  if (result.code === "ENOENT")
    throw new Error(
      `there is no \`pulumi\` on the PATH, or no folder ${cwd}\n  what to do: npm install pulumi; --cwd names the project's folder`,
    );
  const { reason, remedy = "name the project's folder with --cwd, and the stack with --stack" } = engineFailure(
    result.stderr,
    5,
  );
  const inWords = reason.replaceAll("\n", "\n  ") || `it ended with exit code ${result.exitCode}`;
  throw new Error(engineFailureText({ reason: `pulumi ${args.join(" ")}: ${inWords}`, remedy }));
}
