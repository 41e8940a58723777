import type * as pulumi from "@pulumi/pulumi";

/**
 * How to log in to a host or to a jump host. It has exactly the properties of `@pulumi/command`'s
 * `remote.ProxyConnectionArgs`, so that one object serves both libraries. A test compares them. We declare our own
 * type, because some package managers do not let a program import the types of a package's dependency.
 */
interface LoginArgs {
  /** The host's name or address, or an alias of OpenSSH's configuration. */
  host: pulumi.Input<string>;
  /** Default: OpenSSH's, usually 22. */
  port?: pulumi.Input<number>;
  /** The user to log in as. Default: OpenSSH's. */
  user?: pulumi.Input<string>;
  /** The user's password. A key is better. */
  password?: pulumi.Input<string>;
  /** The text of a private key. It is tried before `password`. */
  privateKey?: pulumi.Input<string>;
  /** The password of an encrypted `privateKey`. */
  privateKeyPassword?: pulumi.Input<string>;
  /** The host key that the server must have: `ssh-ed25519 AAAA…`. Default: the one in known_hosts. */
  hostKey?: pulumi.Input<string>;
  /** The socket of an SSH agent. Default: `SSH_AUTH_SOCK`. */
  agentSocketPath?: pulumi.Input<string>;
  /** Most attempts to connect; -1 for no limit. Default: 3. */
  dialErrorLimit?: pulumi.Input<number>;
  /**
   * Seconds that one attempt to connect may take; the whole login may take 15 s more. 0 limits only the login, to 30 s.
   * Default: 15.
   */
  perDialTimeout?: pulumi.Input<number>;
}

/**
 * How to connect to a host: the properties of `@pulumi/command`'s `remote.ConnectionArgs`, so that one object serves
 * both libraries, and settings of OpenSSH. Every value that is not given has OpenSSH's default, which includes
 * `~/.ssh/config`.
 */
export interface ConnectionArgs extends LoginArgs {
  /** A jump host, through which the connection goes. Default: none, or what the OpenSSH configuration says. */
  proxy?: pulumi.Input<LoginArgs>;
  /** OpenSSH client configuration (`ssh -F`); `host` may then be an alias of it. Default: the user's own. */
  sshConfigFile?: pulumi.Input<string> | undefined;
  /** Private key file on the control machine (`ssh -i`); only this key is then offered. Default: OpenSSH's. */
  identityFile?: pulumi.Input<string> | undefined;
  /** Become root by `sudo -n` after logging in. Default: false (log in as root). */
  sudo?: pulumi.Input<boolean> | undefined;
  /**
   * What to do with an unknown host key: `strict` refuses it, `accept-new` stores it at the first connection. A changed
   * key is always refused. Default: what the OpenSSH configuration says; its "ask" refuses, as nobody can answer.
   */
  hostKeyPolicy?: pulumi.Input<"strict" | "accept-new"> | undefined;
  /** known_hosts file (`UserKnownHostsFile`). Default: OpenSSH's. */
  knownHostsFile?: pulumi.Input<string> | undefined;
}
