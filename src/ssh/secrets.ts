import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeTemporaryFolder } from "../base/temporary.js";
import type { Connection, ProxyConnection } from "./connection.js";

/** Where OpenSSH finds one login's inline secrets: files that only this user can read. */
export interface LoginFiles {
  readonly identity?: string | undefined;
  readonly knownHosts?: string | undefined;
  readonly password?: string | undefined;
  readonly passphrase?: string | undefined;
}

/** The name under which a pinned host key stands in its own known_hosts file. */
export const pinnedAlias = "python3jail-pinned";

/** What the folders of connections are called: short, as sockets are in them. */
export const folderUse = "pj";

/** All that are there. Of the process, whose last act is to remove them (`removePrivateFolders`). */
const folders = new Set<PrivateFolder>();

/** Removes all private folders of this process, at its end: also those of logins that are under way. */
export function removePrivateFolders(): void {
  for (const folder of folders) folder.remove();
}

/** A private folder (0700) for one connection: the control socket, and inline keys while they are needed. */
export class PrivateFolder {
  // Kept short: a Unix socket's path may have 107 bytes, and ssh appends 17 to it while it binds.
  readonly path = makeTemporaryFolder(folderUse);
  readonly socket = join(this.path, "s");
  readonly askpass = join(this.path, "askpass");
  private readonly secretFiles: string[] = [];

  constructor() {
    folders.add(this);
  }

  /** Writes what the login needs; `name` keeps host and proxy apart. */
  add(name: "host" | "proxy", login: Connection | ProxyConnection): LoginFiles {
    return {
      // OpenSSH refuses a key file without its final line break.
      identity: this.write(`${name}.key`, login.privateKey && login.privateKey.trimEnd() + "\n"),
      knownHosts: this.write(`${name}.known_hosts`, login.hostKey && `${pinnedAlias} ${login.hostKey.trim()}\n`),
      password: this.write(`${name}.password`, login.password && login.password + "\n"),
      passphrase: this.write(`${name}.passphrase`, login.privateKeyPassword && login.privateKeyPassword + "\n"),
    };
  }

  /** ssh asks this program; it answers from the 0600 files that its environment names, so no secret is in an argument. */
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

  /** Once the connection stands, nothing needs the keys any more. */
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
