import pLimit, { type LimitFunction } from "p-limit";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { memoized } from "../base/memoized.js";
import type { Connection } from "./connection.js";
import { atHome } from "./openssh.js";

/** Logins at a time through one jump host: sshd drops connections at random beyond ten that are not authenticated yet (MaxStartups). */
const throughJumpHost = 8;
/** Logins at a time to hosts of their own: each is an `ssh` that computes keys here. */
const direct = 16 * availableParallelism();

/** How many logins are made at a time: few through one jump host, as many as this machine can to hosts of their own. */
export class Logins {
  private readonly limits = new Map<string, LimitFunction>();

  /** Runs a login when it is its turn. */
  run<T>(connection: Connection, login: () => Promise<T>): Promise<T> {
    const way = wayTo(connection);
    let limit = this.limits.get(way);
    if (!limit) this.limits.set(way, (limit = pLimit(way === "direct" ? direct : throughJumpHost)));
    return limit(login);
  }
}

/** What logins share on their way: a jump host, one that OpenSSH's configuration may name, or nothing. */
function wayTo({ proxy, sshConfigFile }: Connection): string {
  if (proxy) return `${proxy.host}:${proxy.port ?? 22}`;
  return mayNameJumpHost(sshConfigFile ?? "") ? "configured" : "direct";
}

/** Whether OpenSSH's configuration may lead through a jump host: which one, and for which hosts, only ssh can tell. */
const mayNameJumpHost = memoized((sshConfigFile: string): boolean => {
  const files = sshConfigFile === "" ? ["~/.ssh/config", ...systemFiles()] : [sshConfigFile];
  return files.some((file) => /^\s*(proxyjump|proxycommand|include\s+(?!\/etc\/ssh\/))/im.test(textOf(file)));
});

/** The configuration of the machine, with the files that distributions include in it. */
function systemFiles(): string[] {
  const folder = "/etc/ssh/ssh_config.d";
  try {
    return ["/etc/ssh/ssh_config", ...readdirSync(folder).map((file) => join(folder, file))];
  } catch {
    return ["/etc/ssh/ssh_config"];
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(atHome(file), "utf8");
  } catch {
    return "";
  }
}
