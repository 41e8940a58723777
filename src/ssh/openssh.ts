import { homedir } from "node:os";
import { join } from "node:path";
import type { Connection, ProxyConnection } from "./connection.js";
import { pinnedAlias, type LoginFiles } from "./secrets.js";

/** Seconds to wait for a connection, where the connection does not say (`perDialTimeout`). */
export const defaultConnectTimeout = 15;

/** Arguments of the `ssh` that opens the one connection to a host and stays as its master. */
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
    literal(socket),
    ...options({
      ControlPersist: "no",
      ForwardAgent: "no",
      ForwardX11: "no",
      ClearAllForwardings: "yes",
      RequestTTY: "no",
      // A host that vanishes is noticed within a minute, also while a long step is quiet.
      ServerAliveInterval: "15",
      ServerAliveCountMax: "4",
      ...policy(connection),
    }),
    ...login(connection, files),
    ...(connection.proxy && proxyFiles ? ["-o", `ProxyCommand=${proxyCommand(connection.proxy, proxyFiles)}`] : []),
    "--",
    connection.host,
    remoteCommand,
  ];
}

/** Arguments of an `ssh` that runs one command over the master, and can do nothing else. */
export function channelArguments(socket: string, remoteCommand: string): string[] {
  // ProxyCommand=false: should the master be gone, ssh must fail rather than open a connection of its own.
  return [
    "-F",
    "none",
    "-S",
    literal(socket),
    ...options({ ControlMaster: "no", ProxyCommand: "false", RequestTTY: "no", BatchMode: "yes" }),
    "--",
    "host",
    remoteCommand,
  ];
}

/** Environment that lets ssh find inline passwords; see PrivateFolder.addAskpass. */
export function askpassEnvironment(askpass: string, files: LoginFiles): Record<string, string> {
  return {
    SSH_ASKPASS: askpass,
    SSH_ASKPASS_REQUIRE: "force",
    PYTHON3JAIL_PASSWORD_FILE: files.password ?? "/dev/null",
    PYTHON3JAIL_PASSPHRASE_FILE: files.passphrase ?? "/dev/null",
  };
}

function login(to: Connection | ProxyConnection, files: LoginFiles): string[] {
  const declared = files.identity === undefined && "identityFile" in to ? to.identityFile : undefined;
  return [
    ...(to.port ? ["-p", String(to.port)] : []),
    ...(to.user ? ["-l", to.user] : []),
    ...(declared ? ["-i", declared, ...options({ IdentitiesOnly: "yes" })] : []),
    ...(files.identity ? options({ IdentityFile: literal(files.identity), IdentitiesOnly: "yes" }) : []),
    ...(to.agentSocketPath ? options({ IdentityAgent: to.agentSocketPath }) : []),
    ...(files.knownHosts
      ? options({
          StrictHostKeyChecking: "yes",
          UserKnownHostsFile: literal(files.knownHosts),
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

function policy(connection: Connection): Record<string, string> {
  const chosen: Record<string, string> = {};
  if (connection.hostKey) return chosen;
  if (connection.hostKeyPolicy)
    chosen.StrictHostKeyChecking = connection.hostKeyPolicy === "strict" ? "yes" : "accept-new";
  if (connection.knownHostsFile) chosen.UserKnownHostsFile = connection.knownHostsFile;
  return chosen;
}

function proxyCommand(proxy: ProxyConnection, files: LoginFiles): string {
  const environment = [
    `PYTHON3JAIL_PASSWORD_FILE=${files.password ?? "/dev/null"}`,
    `PYTHON3JAIL_PASSPHRASE_FILE=${files.passphrase ?? "/dev/null"}`,
  ];
  const words = ["env", ...environment, "ssh", ...login(proxy, files), "-W", "[%h]:%p", "--", proxy.host];
  // ssh expands % and hands the line to the user's shell, behind an `exec` of its own: what is ours is quoted for both, the two tokens are not.
  return words.map((word) => (word === "[%h]:%p" ? word : quote(word).replaceAll("%", "%%"))).join(" ");
}

/** `-o name=value`, read by ssh like a line of its configuration: what it would split or take for a quotation mark is quoted. */
function options(values: Record<string, string>): string[] {
  return Object.entries(values).flatMap(([name, value]) => [
    "-o",
    `${name}=${name === "ProxyCommand" ? value : configWord(value)}`,
  ]);
}

function configWord(value: string): string {
  return /[\s"'\\#]/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}

/** Of the files that ssh is given, `-F` is the one in which it takes `~` for a folder of that name. */
export function atHome(path: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : path;
}

/** A path of ours, in which no % is one of ssh's tokens. */
function literal(path: string): string {
  return path.replaceAll("%", "%%");
}

/** A word for a POSIX shell. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
