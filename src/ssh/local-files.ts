import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Connection } from "./connection.js";

/**
 * Returns an error text for each file that a connection names and that does not exist on the control machine. It does
 * not check names that OpenSSH expands (`%h`, `${…}`, `~user`), nor `none`, which means no file.
 */
export function missingFiles(connection: Connection): string[] {
  return (["identityFile", "sshConfigFile"] as const).flatMap((name) => {
    const file = connection[name];
    return file === undefined || exists(file)
      ? []
      : [`connection.${name}: there is no file ${file} on this machine, from which the hosts are reached`];
  });
}

function exists(file: string): boolean {
  if (/[%$]|^~[^/]|^none$/.test(file)) return true;
  const path = file.startsWith("~/") ? join(homedir(), file.slice(2)) : file;
  // If an agent holds the key, its public half is enough.
  return existsSync(path) || existsSync(`${path}.pub`);
}
