import { homedir } from "node:os";
import { join } from "node:path";
import type { Connection, ProxyConnection } from "./connection.js";
import { pinnedAlias, type LoginFiles } from "./secrets.js";

/** Seconds to wait for a connection, if its `perDialTimeout` is not given. */
export const defaultConnectTimeout = 15;

/** Returns the arguments of the `ssh` that opens the connection to a host, and stays as its master. */
export function masterArguments(
  connection: Connection,
  socket: string,
  files: LoginFiles,
  proxyFiles: LoginFiles | undefined,
  remoteCommand: string,
): string[] {
  return [
    ...(connection.sshConfigFile ? ["-F", atHome(connection.sshConfigFile)] : []),
    "-M",
    "-S",
    escapePercent(socket),
    ...options({
      ControlPersist: "no",
      ForwardAgent: "no",
      ForwardX11: "no",
      ClearAllForwardings: "yes",
      RequestTTY: "no",
      // ssh notices within a minute that a host is gone, also during a long step without output.
      ServerAliveInterval: "15",
      ServerAliveCountMax: "4",
      ...hostKeyOptions(connection),
    }),
    ...login(connection, files),
    ...(connection.proxy && proxyFiles ? ["-o", `ProxyCommand=${proxyCommand(connection.proxy, proxyFiles)}`] : []),
    "--",
    connection.host,
    remoteCommand,
  ];
}

/** Returns the arguments of an `ssh` that runs one command over the master, and opens no connection of its own. */
export function channelArguments(socket: string, remoteCommand: string): string[] {
  // ProxyCommand=false makes ssh fail if the master is gone. Otherwise it would open a connection of its own.
  return [
    "-F",
    "none",
    "-S",
    escapePercent(socket),
    ...options({ ControlMaster: "no", ProxyCommand: "false", RequestTTY: "no", BatchMode: "yes" }),
    "--",
    "host",
    remoteCommand,
  ];
}

/** Returns the environment in which ssh finds inline passwords, see PrivateFolder.addAskpass. */
export function askpassEnvironment(askpass: string, files: LoginFiles): Record<string, string> {
  return {
    SSH_ASKPASS: askpass,
    SSH_ASKPASS_REQUIRE: "force",
    PYTHON3JAIL_PASSWORD_FILE: files.password ?? "/dev/null",
    PYTHON3JAIL_PASSPHRASE_FILE: files.passphrase ?? "/dev/null",
  };
}

/** Returns the arguments that say how to log in to a host or a jump host. */
function login(to: Connection | ProxyConnection, files: LoginFiles): string[] {
  const identityFile = files.identity === undefined && "identityFile" in to ? to.identityFile : undefined;
  return [
    ...(to.port ? ["-p", String(to.port)] : []),
    ...(to.user ? ["-l", to.user] : []),
    ...(identityFile ? ["-i", identityFile, ...options({ IdentitiesOnly: "yes" })] : []),
    ...(files.identity ? options({ IdentityFile: escapePercent(files.identity), IdentitiesOnly: "yes" }) : []),
    ...(to.agentSocketPath ? options({ IdentityAgent: to.agentSocketPath }) : []),
    ...(files.knownHosts
      ? options({
          StrictHostKeyChecking: "yes",
          UserKnownHostsFile: escapePercent(files.knownHosts),
          GlobalKnownHostsFile: "/dev/null",
          HostKeyAlias: pinnedAlias,
        })
      : []),
    ...options({
      ConnectTimeout: String(to.perDialTimeout ?? defaultConnectTimeout),
      ...(files.password || files.passphrase
        ? { BatchMode: "no", NumberOfPasswordPrompts: "1" }
        : { BatchMode: "yes" }),
    }),
  ];
}

/** Returns ssh's options for host keys. A pinned `hostKey` needs none here, see `login`. */
function hostKeyOptions(connection: Connection): Record<string, string> {
  const chosen: Record<string, string> = {};
  if (connection.hostKey) return chosen;
  if (connection.hostKeyPolicy)
    chosen.StrictHostKeyChecking = connection.hostKeyPolicy === "strict" ? "yes" : "accept-new";
  if (connection.knownHostsFile) chosen.UserKnownHostsFile = connection.knownHostsFile;
  return chosen;
}

/** Returns the command that connects through a jump host. */
function proxyCommand(proxy: ProxyConnection, files: LoginFiles): string {
  const environment = [
    `PYTHON3JAIL_PASSWORD_FILE=${files.password ?? "/dev/null"}`,
    `PYTHON3JAIL_PASSPHRASE_FILE=${files.passphrase ?? "/dev/null"}`,
  ];
  const words = ["env", ...environment, "ssh", ...login(proxy, files), "-W", "[%h]:%p", "--", proxy.host];
  // ssh expands its % tokens, and then passes the line to the user's shell after an `exec`. So every word is quoted for
  // the shell and has its % escaped, except the tokens %h and %p.
  return words.map((word) => (word === "[%h]:%p" ? word : quote(word).replaceAll("%", "%%"))).join(" ");
}

/**
 * Returns `-o name=value` arguments. ssh reads each like a line of its configuration, so values are quoted for that.
 */
function options(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [
    "-o",
    `${name}=${name === "ProxyCommand" ? value : configWord(value)}`,
  ]);
}

function configWord(value: string): string {
  return /[\s"'\\#]/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}

/**
 * Expands `~/` in a path. ssh does this itself for every file but that of `-F`, where it would look for a folder `~`.
 */
export function atHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

/** Escapes % in a path, so that ssh expands no token in it. */
function escapePercent(path: string): string {
  return path.replaceAll("%", "%%");
}

/** Quotes a word for a POSIX shell. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
