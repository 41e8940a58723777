import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Clock } from "./clock.js";
import { commandText, type Options } from "./command-line.js";
import { clearPending, mendBackend } from "./cut-off.js";
import { Engine, notEnded, unattended } from "./engine.js";
import { diskFull } from "./failure.js";
import { isFull, makeFolder, placesFor } from "./folder.js";
import { jailOutputs, tryJail } from "./jail.js";
import type { Places } from "./places.js";
import { firstPort } from "./ports.js";
import { Root } from "./privilege.js";
import { isMade, makeProject } from "./project.js";
import { say } from "./screen.js";
import { portBefore, runningServer, startHost } from "./server.js";
import { stack } from "./stack.js";
import { summarize } from "./summary.js";
import { takeTurn } from "./turn.js";

/** A shell's exit code for a command that Ctrl-C ended. */
const interrupted = 130;

/** Makes everything up to a working jail; keeps what exists already. Returns the exit code. */
export async function up(options: Options): Promise<number> {
  const places = placesFor(options);
  const engine = new Engine(places);
  const root = await Root.find();
  makeFolder(places);
  await takeTurn(places.directory);
  const clock = new Clock();

  const before = { server: runningServer(places)?.pid, port: portBefore(places) };
  const port = await clock.time("host", () => startHost(places, root, options.port));
  const started = runningServer(places)?.pid !== before.server;
  const taken = before.port ?? firstPort;
  const instead = started && options.port === undefined && port !== taken ? `: ${taken} is taken` : "";
  say("host", `${started ? "started" : "runs already"}: sshd on 127.0.0.1, port ${port}${instead}`);

  const first = !isMade(places);
  await clock.time("stack", async () => {
    await mendBackend(places);
    await makeProject(places, engine, { keepCache: options.cache !== undefined });
    await clearPending(engine);
  });
  const builds = first && !hasBuilds(places) ? " (CPython is built: some minutes)" : "";
  say("pulumi", `pulumi up --refresh --stack ${stack}${builds}`);
  const end = await clock.time("pulumi up", () => engine.watched("up", "--refresh", ...unattended));
  if (end.stopped) return sayStopped(options);
  if (end.exitCode !== 0 && isFull(places)) throw diskFull(places.directory);
  if (end.exitCode !== 0) throw notEnded("up");

  const jail = await jailOutputs(places, engine);
  const printed = await clock.time("check", () => tryJail(jail, root));
  summarize({ jail, printed, sshConfig: places.sshConfig, took: clock.toString() }, options);
  return 0;
}

/** True if the host's cache may have the build already. */
function hasBuilds({ cache }: Places): boolean {
  try {
    return readdirSync(join(cache, "builds")).some((name) => name !== "lock");
  } catch {
    // The directory does not exist, or only root may read it.
    return false;
  }
}

function sayStopped(options: Options): number {
  say("stopped", "a build that had begun goes on by itself; run the quickstart again, and it joins it");
  say("", `to end it and take everything away: ${commandText(options, "--destroy")}`);
  return interrupted;
}
