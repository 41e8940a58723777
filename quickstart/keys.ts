import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { execa } from "execa";
import type { Places } from "./places.js";
import { searchPath } from "./privilege.js";

/** Makes the host's key and the login's key once, both or none. Returns true if they are new. */
export async function makeKeys(places: Places): Promise<boolean> {
  if (existsSync(places.keys)) return false;
  const growing = `${places.keys}.new`;
  rmSync(growing, { recursive: true, force: true });
  mkdirSync(growing, { mode: 0o700 });
  for (const key of [places.hostKey, places.loginKey]) {
    const args = ["-q", "-t", "ed25519", "-N", "", "-C", "python3jail quickstart", "-f", join(growing, basename(key))];
    await execa("ssh-keygen", args, { stdin: "ignore", env: { PATH: searchPath } });
  }
  renameSync(growing, places.keys);
  return true;
}

/** Formats the host's line for known_hosts. */
export function knownHost(places: Places, port: number): string {
  const [type, key] = readFileSync(`${places.hostKey}.pub`, "utf8").split(" ");
  const name = port === 22 ? "127.0.0.1" : `[127.0.0.1]:${port}`;
  return `${name} ${type} ${key}\n`;
}
