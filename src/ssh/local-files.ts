import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Connection } from "./connection.js";

/**
 * What a connection names on the control machine and what is not there, in words. A name that OpenSSH would complete itself (`%h`,
 * `${…}`, `~user`), or that means no file (`none`), is not checked.
 */
export function missingFiles(connection: Connection): string[] {
  return (["identityFile", "sshConfigFile"] as const).flatMap((name) => {
    const file = connection[name];
    return file === undefined || isThere(file)
      ? []
      : [`connection.${name}: there is no file ${file} on this machine, from which the hosts are reached`];
  });
}

function isThere(file: string): boolean {
  if (/[%$]|^~[^/]|^none$/.test(file)) return true;
  const path = file.startsWith("~/") ? join(homedir(), file.slice(2)) : file;
  // Of a key that an agent holds, the public half is enough.
  return existsSync(path) || existsSync(`${path}.pub`);
}
