/** A reason for a failed login, as an operator would put it, and what to do. */
export interface Diagnosis {
  readonly code: "unreachable" | "refused-login" | "unknown-host-key" | "changed-host-key" | "bad-configuration" | "no-sudo" | "connection-lost";
  readonly reason: string;
  readonly remedy: string;
  /** Trying again may help: nothing answered, or the answer was cut off. */
  readonly transient: boolean;
}

const causes: readonly (readonly [RegExp, Omit<Diagnosis, "transient"> & { transient?: boolean }])[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/i,
    {
      code: "changed-host-key",
      reason: "its host key has changed",
      remedy: "find out why; if the host was reinstalled, put its new key into `hostKey` or known_hosts (`ssh-keygen -R HOST` removes the old one)",
    },
  ],
  [
    /Host key verification failed|No \S+ host key is known/i,
    {
      code: "unknown-host-key",
      reason: "its host key is not known",
      remedy: "give the connection's `hostKey`, add the host to known_hosts (`ssh-keyscan HOST`, then compare the fingerprint), or set `hostKeyPolicy: accept-new`",
    },
  ],
  [
    /Permission denied|Too many authentication failures|no such identity|Load key .*(invalid format|incorrect passphrase|error in libcrypto)/i,
    {
      code: "refused-login",
      reason: "the login was refused",
      remedy: "check the connection's `user`, and its key (`privateKey`, `identityFile` or agent) or `password`",
    },
  ],
  [
    /Could not resolve hostname/i,
    { code: "unreachable", reason: "its name does not resolve", remedy: "check the connection's `host`", transient: false },
  ],
  [
    /Connection refused/i,
    { code: "unreachable", reason: "nothing listens on its SSH port", remedy: "check the connection's `port`, and that sshd runs there", transient: true },
  ],
  [
    /timed out|No route to host|Network is unreachable|Host is down/i,
    { code: "unreachable", reason: "it does not answer", remedy: "check that the host is up, and the connection's `host` and `port`", transient: true },
  ],
  [
    /Connection reset|Connection closed|kex_exchange_identification|Broken pipe|Connection to .* closed/i,
    { code: "unreachable", reason: "it closed the connection", remedy: "look at sshd's log there (MaxStartups, AllowUsers, a firewall?)", transient: true },
  ],
  [
    /Bad configuration option|Can't open user config file|unsupported option|keyword .* extra arguments/i,
    { code: "bad-configuration", reason: "ssh did not accept its configuration", remedy: "correct the file that `sshConfigFile` names, or ~/.ssh/config" },
  ],
];

/** Says why an `ssh` that never got to run our command failed, from what it printed. */
export function diagnose(stderr: string, timedOut: boolean): Diagnosis {
  for (const [pattern, diagnosis] of causes) if (pattern.test(stderr)) return { transient: false, ...diagnosis };
  return timedOut
    ? { code: "unreachable", reason: "it does not answer", remedy: "check that the host is up, and the connection's `host` and `port`", transient: true }
    : { code: "unreachable", reason: "ssh could not connect", remedy: "try `ssh -v` with the same settings", transient: true };
}

/** Says why `sudo -n` refused, or undefined where it did not. */
export function diagnoseSudo(stderr: string): Diagnosis | undefined {
  const remedy = "allow it in sudoers without a password (`USER ALL=(root) NOPASSWD: ALL`), or log in as root and leave `sudo` out";
  if (/sudo: .*(password is required|terminal is required|askpass)/i.test(stderr)) return { code: "no-sudo", reason: "sudo asks for a password", remedy, transient: false };
  if (/is not in the sudoers file|is not allowed to (run|execute)|may not run sudo/i.test(stderr)) return { code: "no-sudo", reason: "sudo is not allowed to this user", remedy, transient: false };
  if (/sudo: (command )?not found|exec: sudo|sudo: No such file/i.test(stderr)) return { code: "no-sudo", reason: "there is no sudo", remedy: "install sudo, or log in as root and leave `sudo` out", transient: false };
  return undefined;
}
