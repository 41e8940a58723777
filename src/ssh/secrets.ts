import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTemporaryFolder } from "../base/temporary.js";
import type { Connection, ProxyConnection } from "./connection.js";

/** Paths of the files that hold one login's inline secrets for OpenSSH. Only this user can read them. */
export interface LoginFiles {
  readonly identity?: string | undefined;
  readonly knownHosts?: string | undefined;
  readonly password?: string | undefined;
  readonly passphrase?: string | undefined;
}

/** The host name of a pinned host key, in the known_hosts file that we write for it. */
export const pinnedAlias = "python3jail-pinned";

/** Start of the names of private folders. It is short, as the path of a socket is limited. */
export const folderUse = "pj";

/** All private folders of this process. `removePrivateFolders` removes them when the process ends. */
const folders = new Set<PrivateFolder>();

/** Removes all private folders of this process, also those of in-flight logins. To be called when the process ends. */
export function removePrivateFolders(): void {
  for (const folder of folders) folder.remove();
}

/** A private folder (0700) for one connection. It holds the control socket, and inline secrets during the login. */
export class PrivateFolder {
  // The path is short: a Unix socket's path may have 107 bytes, and ssh appends 17 to it while it binds.
  readonly path = makeTemporaryFolder(folderUse);
  readonly socket = join(this.path, "s");
  readonly askpass = join(this.path, "askpass");
  private readonly secretFiles: string[] = [];

  constructor() {
    folders.add(this);
  }

  /** Writes the files of one login. `name` keeps those of the host and the proxy apart. */
  add(name: "host" | "proxy", login: Connection | ProxyConnection): LoginFiles {
    return {
      // OpenSSH refuses a key file without a final line break.
      identity: this.write(`${name}.key`, login.privateKey && login.privateKey.trimEnd() + "\n"),
      knownHosts: this.write(`${name}.known_hosts`, login.hostKey && `${pinnedAlias} ${login.hostKey.trim()}\n`),
      password: this.write(`${name}.password`, login.password && login.password + "\n"),
      passphrase: this.write(`${name}.passphrase`, login.privateKeyPassword && login.privateKeyPassword + "\n"),
    };
  }

  /**
   * Writes the program that ssh asks for passwords (SSH_ASKPASS), and returns its path. It answers from the 0600 files
   * that its environment names, so that no secret is in an argument.
   */
  addAskpass(): string {
    const script = `#!/bin/sh
case $1 in
"Enter passphrase for "*) exec cat -- "$PYTHON3JAIL_PASSPHRASE_FILE" ;;
*assword*) exec cat -- "$PYTHON3JAIL_PASSWORD_FILE" ;;
esac
exit 1
`;
    writeFileSync(this.askpass, script, { mode: 0o700 });
    return this.askpass;
  }

  /** Removes the secrets. Nothing needs them once the connection is open. */
  removeSecrets(): void {
    for (const file of this.secretFiles.splice(0)) rmSync(file, { force: true });
  }

  remove(): void {
    folders.delete(this);
    rmSync(this.path, { recursive: true, force: true });
  }

  private write(name: string, content: string | undefined): string | undefined {
    if (!content) return undefined;
    const file = join(this.path, name);
    writeFileSync(file, content, { mode: 0o600 });
    this.secretFiles.push(file);
    return file;
  }
}
