import type * as pulumi from "@pulumi/pulumi";

/**
 * How to log in to a host, or to one on the way to it: `@pulumi/command`'s `remote.ConnectionArgs`, property by property, so that one object
 * serves both libraries (a test compares them). It is our own, as a package manager may keep a dependency's types from a program.
 */
interface LoginArgs {
  /** The host's name or address, or an alias of OpenSSH's configuration. */
  host: pulumi.Input<string>;
  /** Default: OpenSSH's, which is 22 as a rule. */
  port?: pulumi.Input<number>;
  /** The user to log in as. Default: OpenSSH's. */
  user?: pulumi.Input<string>;
  /** The user's password. A key is better. */
  password?: pulumi.Input<string>;
  /** The text of a private key. It goes before `password`. */
  privateKey?: pulumi.Input<string>;
  /** The password of an encrypted `privateKey`. */
  privateKeyPassword?: pulumi.Input<string>;
  /** The host key that the server must have: `ssh-ed25519 AAAA…`. Default: the one in known_hosts. */
  hostKey?: pulumi.Input<string>;
  /** The socket of an SSH agent. Default: `SSH_AUTH_SOCK`. */
  agentSocketPath?: pulumi.Input<string>;
  /** How often to try again to connect; -1 for ever. */
  dialErrorLimit?: pulumi.Input<number>;
  /** Seconds that one try to connect may take; 0 for any time. */
  perDialTimeout?: pulumi.Input<number>;
}

/**
 * How to get to a host. It is `@pulumi/command`'s `remote.ConnectionArgs`, so that one object serves both libraries,
 * plus what people who use OpenSSH need. Every value not given is OpenSSH's own default, `~/.ssh/config` included.
 */
export interface ConnectionArgs extends LoginArgs {
  /** A host on the way, through which the connection goes. */
  proxy?: pulumi.Input<LoginArgs>;
  /** OpenSSH client configuration (`ssh -F`); `host` may then be an alias of it. Default: the user's own. */
  sshConfigFile?: pulumi.Input<string> | undefined;
  /** Private key file on the control machine (`ssh -i`); only this key is then offered. Default: OpenSSH's. */
  identityFile?: pulumi.Input<string> | undefined;
  /** Become root by `sudo -n` after logging in. Default: false (log in as root). */
  sudo?: pulumi.Input<boolean> | undefined;
  /**
   * What a host key that is not yet known means: `strict` refuses it, `accept-new` stores it at first sight.
   * A changed key is always refused. Default: what the OpenSSH configuration says (and "ask" refuses, as nobody can be asked).
   */
  hostKeyPolicy?: pulumi.Input<"strict" | "accept-new"> | undefined;
  /** known_hosts file (`UserKnownHostsFile`). Default: OpenSSH's. */
  knownHostsFile?: pulumi.Input<string> | undefined;
}
