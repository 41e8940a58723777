import { commandText, type Options } from "./command-line.js";
import { clearRemains } from "./cut-off.js";
import { Engine } from "./engine.js";
import { diskFull, Failure } from "./failure.js";
import { isFull, makeFolder, placesFor } from "./folder.js";
import { jailOutputs, tryJail, type JailOutputs } from "./jail.js";
import { Root } from "./privilege.js";
import { isMade, makeProject, stack } from "./project.js";
import { duration, headline, say } from "./screen.js";
import { portBefore, runningServer, startHost } from "./server.js";
import { takeTurn } from "./turn.js";

/** What a shell says of a command that Ctrl-C ended. */
const interrupted = 130;

/** Everything, up to a jail that works; what is there already is left as it is. Returns the exit code. */
export async function up(options: Options): Promise<number> {
  const places = placesFor(options);
  const engine = new Engine(places);
  const root = await Root.find();
  makeFolder(places);
  await takeTurn(places.directory);
  const clock = new Clock();

  const running = runningServer(places)?.pid;
  const before = portBefore(places);
  const port = await clock.time("host", () => startHost(places, root, options.port));
  const fresh = runningServer(places)?.pid !== running;
  const instead = fresh && before !== undefined && before !== port ? ` (it had ${before} before)` : fresh && port !== 2222 && options.port === undefined ? " (2222 is taken)" : "";
  say("host", `${fresh ? "started" : "runs already"}: sshd on 127.0.0.1, port ${port}${instead}`);

  const first = !isMade(places);
  await clock.time("stack", async () => {
    await makeProject(places, engine, { keepCache: options.cache !== undefined });
    await clearRemains(places, engine);
  });
  say("pulumi", `pulumi up --refresh --stack ${stack}${first ? " (CPython is built: some minutes)" : ""}`);
  const end = await clock.time("pulumi up", () => engine.watched("up", "--refresh", "--yes", "--skip-preview", "--suppress-outputs", "--suppress-permalink=true", "--stack", stack));
  if (end.stopped) return sayStopped(options);
  if (end.exitCode !== 0 && isFull(places)) throw diskFull(places.directory);
  if (end.exitCode !== 0) throw new Failure("`pulumi up` did not come to its end: see above", "mend what it says, if anything, and run this again: it goes on where it stopped");

  const jail = await jailOutputs(places, engine);
  const printed = await clock.time("check", () => tryJail(jail, root));
  summarize(jail, printed, places.sshConfig, clock, options);
  return 0;
}

function summarize(jail: JailOutputs, printed: string, sshConfig: string, clock: Clock, options: Options): void {
  headline(`Python ${jail.python} runs in the jail: print(1+1) -> ${printed}`);
  say("jail", jail.path);
  say("host", `ssh -F ${sshConfig} local`);
  say("took", clock.toString());
  const preview = commandText(options, "pulumi preview --refresh --diff");
  const python = commandText(options, `python -c 'import os; print(os.getuid(), os.path.exists("/etc/passwd"))'`);
  const destroy = commandText(options, "--destroy");
  process.stdout.write(`\nNext:\n  ${preview}\n      looks at the jail, and shows what differs from its declaration: delete something in it before\n  ${python}\n      runs a program in the jail: not as root, and without this machine's files\n  ${destroy}\n      takes everything away again\n`);
}

function sayStopped(options: Options): number {
  say("stopped", "a build that had begun goes on by itself; run the quickstart again, and it joins it");
  say("", `to end it and take everything away: ${commandText(options, "--destroy")}`);
  return interrupted;
}

/** How long each phase took. */
class Clock {
  private readonly phases: string[] = [];

  async time<T>(phase: string, run: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await run();
    this.phases.push(`${phase} ${duration(performance.now() - started)}`);
    return result;
  }

  toString(): string {
    return this.phases.join(", ");
  }
}
