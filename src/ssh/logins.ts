import pLimit, { type LimitFunction } from "p-limit";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { memoized } from "../base/memoized.js";
import type { Connection } from "./connection.js";
import { atHome } from "./openssh.js";

/**
 * Logins at a time through one jump host. Its sshd drops connections at random if more than ten have not authenticated
 * (MaxStartups).
 */
const throughJumpHost = 8;
/** Logins at a time without a jump host. Each is an `ssh` that computes keys on this machine. */
const direct = 16 * availableParallelism();

/** Limits concurrent logins: a few through one jump host, and as many as this machine can compute without one. */
export class Logins {
  private readonly limits = new Map<string, LimitFunction>();

  /** Runs a login as soon as the limit of its route allows it. */
  run<T>(connection: Connection, login: () => Promise<T>): Promise<T> {
    const route = routeOf(connection);
    let limit = this.limits.get(route);
    if (!limit) this.limits.set(route, (limit = pLimit(route === "direct" ? direct : throughJumpHost)));
    return limit(login);
  }
}

/**
 * Returns a key for the logins that share a limit: the jump host, "configured" if ssh's configuration may name one, or
 * "direct".
 */
function routeOf({ proxy, sshConfigFile }: Connection): string {
  if (proxy) return `${proxy.host}:${proxy.port ?? 22}`;
  return mayNameJumpHost(sshConfigFile ?? "") ? "configured" : "direct";
}

/** Whether OpenSSH's configuration may name a jump host. Only ssh can tell which one, and for which hosts. */
const mayNameJumpHost = memoized((sshConfigFile: string): boolean => {
  const files = sshConfigFile === "" ? ["~/.ssh/config", ...systemFiles()] : [sshConfigFile];
  return files.some((file) => /^\s*(proxyjump|proxycommand|include\s+(?!\/etc\/ssh\/))/im.test(textOf(file)));
});

/** Returns the paths of the machine's OpenSSH configuration, with the files that distributions include in it. */
function systemFiles(): string[] {
  const folder = "/etc/ssh/ssh_config.d";
  try {
    return ["/etc/ssh/ssh_config", ...readdirSync(folder).map((file) => join(folder, file))];
  } catch {
    return ["/etc/ssh/ssh_config"];
  }
}

/** Returns a file's text, or an empty text if it cannot be read. */
function textOf(file: string): string {
  try {
    return readFileSync(atHome(file), "utf8");
  } catch {
    return "";
  }
}
