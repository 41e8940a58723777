import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { Failure } from "./failure.js";
import { knownHost, makeKeys } from "./keys.js";
import type { Places } from "./places.js";
import { choosePort } from "./ports.js";
import { makeFolder, missingFolderIn } from "./privileged-folder.js";
import { searchPath, type Root } from "./privilege.js";
import { haveEnded, isRoots, lives, processes, type Process } from "./processes.js";
import { portIn, sshConfig, sshdConfig } from "./ssh-settings.js";

/**
 * Finds the running server: the one process that was started with our settings. Its sessions have other command lines.
 */
export function runningServer(places: Places): Process | undefined {
  return processes().find((process) => isServer(process.command, places.sshdConfig) && isRoots(process));
}

/** True for the server's process title: `sshd: /usr/sbin/sshd -f FILE … [listener] 0 of 10-100 startups`. */
export function isServer(command: string, config: string): boolean {
  return (
    /^(sshd: )?\/\S*sshd -f /.test(command) && `${command} `.includes(` -f ${config} `) && !/ -R( |$)/.test(command)
  );
}

export function portBefore(places: Places): number | undefined {
  return existsSync(places.sshdConfig) ? portIn(readFileSync(places.sshdConfig, "utf8")) : undefined;
}

/** Starts the throwaway host, unless it runs already, and returns its port. */
export async function startHost(places: Places, root: Root, fixedPort?: number): Promise<number> {
  const sshd = findSshd();
  const newKeys = await makeKeys(places);
  const running = newKeys ? undefined : runningServer(places);
  const before = portBefore(places);
  if (running && before !== undefined && (fixedPort ?? before) === before) {
    // The machine's own sshd removes the directory when it stops.
    await checkSettings(sshd, places, root);
    writeClientFiles(places, before);
    return before;
  }
  await stopHost(places, root);
  const usePam = await rootIsLocked(root);
  for (const refused: number[] = []; ;) {
    const port = await choosePort({ fixed: fixedPort, before, refused });
    writeFileSync(places.sshdConfig, sshdConfig(places, port, usePam), { mode: 0o600 });
    writeClientFiles(places, port);
    await checkSettings(sshd, places, root);
    if (await start(sshd, places, root)) {
      await tryLogin(places);
      return port;
    }
    refused.push(port);
  }
}

/** Ends the host's server and its connections, and no other process. */
export async function stopHost(places: Places, root: Root): Promise<boolean> {
  const server = runningServer(places);
  if (!server) return false;
  const ours = [server, ...processes().filter(({ parent }) => parent === server.pid)];
  for (const signal of ["TERM", "KILL"] as const) {
    await root.kill(
      signal,
      ours.filter(lives).map(({ pid }) => pid),
    );
    if (await haveEnded(ours, 5000)) return true;
  }
  throw new Failure(`the SSH host's process ${server.pid} does not end`, "look at it with ps, then run this again");
}

function findSshd(): string {
  for (const folder of searchPath.split(":")) {
    const file = join(folder, "sshd");
    try {
      accessSync(file, constants.X_OK);
      // sshd starts itself again by this path for every connection, and refuses a relative path.
      if (file.startsWith("/")) return file;
    } catch {
      // No sshd at this path.
    }
  }
  throw new Failure(
    "there is no sshd on this machine",
    "install your distribution's OpenSSH server (Debian: apt-get install openssh-server)",
  );
}

async function checkSettings(sshd: string, places: Places, root: Root): Promise<void> {
  const check = () => root.run(sshd, ["-t", "-f", places.sshdConfig], { reject: false });
  let result = await check();
  const folder = missingFolderIn(result.stderr);
  if (folder !== undefined) {
    await makeFolder(places, root, folder);
    result = await check();
  }
  if (result.exitCode !== 0) {
    throw new Failure(
      `sshd refuses its settings: ${lastLine(result.stderr)}`,
      `try it yourself: ${sshd} -t -f ${places.sshdConfig}`,
    );
  }
}

/** Starts the server and waits until it listens. Returns false if the port is taken. */
async function start(sshd: string, places: Places, root: Root): Promise<boolean> {
  await root.run("rm", ["-f", "--", places.sshdPid, places.sshdLog]);
  const started = await root.run(sshd, ["-f", places.sshdConfig, "-E", places.sshdLog], { reject: false });
  // sshd detaches before it listens, and writes this file once it listens.
  for (const deadline = Date.now() + 10_000; started.exitCode === 0 && Date.now() < deadline;) {
    if (existsSync(places.sshdPid) && runningServer(places)) return true;
    const log = await readLog(places, root);
    if (/address already in use/i.test(log)) return false;
    if (/cannot bind|fatal/i.test(log)) break;
    await sleep(20);
  }
  const why = lastLine(started.stderr || (await readLog(places, root)));
  throw new Failure(
    `sshd does not start${why === "" ? "" : `: ${why}`}`,
    `try it yourself: ${sshd} -d -f ${places.sshdConfig}`,
  );
}

/** Logs in once, so that a login that fails is reported with the path of the server's log. */
async function tryLogin(places: Places): Promise<void> {
  const login = await execa(
    "ssh",
    ["-F", places.sshConfig, "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "local", "true"],
    {
      stdin: "ignore",
      reject: false,
      env: { PATH: searchPath },
    },
  );
  if (login.exitCode === 0) return;
  throw new Failure(`root cannot log in to the SSH host: ${lastLine(login.stderr)}`, `see why in ${places.sshdLog}`);
}

function writeClientFiles(places: Places, port: number): void {
  writeFileSync(places.knownHosts, knownHost(places, port), { mode: 0o600 });
  writeFileSync(places.sshConfig, sshConfig(places, port), { mode: 0o600 });
}

async function rootIsLocked(root: Root): Promise<boolean> {
  const { stdout } = await root.run("getent", ["shadow", "root"], { reject: false });
  return stdout.split(":")[1]?.startsWith("!") ?? false;
}

async function readLog(places: Places, root: Root): Promise<string> {
  return (await root.run("cat", [places.sshdLog], { reject: false })).stdout;
}

function lastLine(text: string): string {
  return text.trim().split(/\r?\n/).at(-1) ?? "";
}
