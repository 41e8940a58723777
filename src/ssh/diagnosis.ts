import type { FailureCode } from "../base/failure-codes.js";

/** The cause of a failed connection, in an operator's words, and what to do about it. */
export interface Diagnosis {
  readonly code: FailureCode;
  readonly reason: string;
  readonly remedy: string;
  /** True if another attempt may succeed: nothing answered, or the connection was closed. */
  readonly transient: boolean;
  /**
   * True if nothing of the host itself answers, so that it may no longer exist. It is false if the host answers and
   * only its sshd is stopped or hangs. It is false too if a bastion or our own network fails: that says nothing about
   * the host.
   */
  readonly gone: boolean;
}

/**
 * Codes of failures before anything ran on the host. `connection-lost` is not one: a step may still be running there.
 */
export const loginFailures: readonly FailureCode[] = [
  "unreachable",
  "refused-login",
  "login-shell",
  "unknown-host-key",
  "changed-host-key",
  "bad-configuration",
  "no-sudo",
];

/** Patterns of ssh's error output with their diagnoses. The first match counts. */
const causes: readonly (readonly [
  RegExp,
  Omit<Diagnosis, "transient" | "gone"> & { transient?: boolean; gone?: boolean },
])[] = [
  [
    /^ssh: command not found/m,
    {
      code: "bad-configuration",
      reason: "this machine has no ssh",
      remedy: "install OpenSSH's client on the machine that runs Pulumi",
    },
  ],
  // This must come before the hosts' messages: an unreadable local file is "Permission denied" too.
  [
    /Bad configuration option|bad configuration options|Can't open user config file|unsupported option|keyword .* extra arguments|Bad owner or permissions on/i,
    {
      code: "bad-configuration",
      reason: "ssh did not accept its configuration",
      remedy: "correct ~/.ssh/config, or the file that `sshConfigFile` (`--ssh-config`) names",
    },
  ],
  [
    /(host|user)name contains invalid characters/i,
    {
      code: "bad-configuration",
      reason: "ssh did not accept the name",
      remedy: "correct the connection's `host` and `user`",
    },
  ],
  [
    /Unable to negotiate with|no matching .* found/i,
    {
      code: "bad-configuration",
      reason: "it and this machine's ssh know no algorithm in common",
      remedy:
        "update the host's sshd, or allow its algorithm in ~/.ssh/config or the file that `sshConfigFile` (`--ssh-config`) names",
    },
  ],
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/i,
    {
      code: "changed-host-key",
      reason: "its host key has changed",
      remedy:
        "find out why; if the host was reinstalled, remove its old key (`ssh-keygen -R HOST`) and add the new one to known_hosts or the connection's `hostKey`",
    },
  ],
  [
    /Host key verification failed|No \S+ host key is known/i,
    {
      code: "unknown-host-key",
      reason: "its host key is not known",
      remedy:
        "add it to known_hosts: log in once with `ssh HOST`, and compare the fingerprint; a stack can give the connection's `hostKey`, or `hostKeyPolicy: accept-new`",
    },
  ],
  [
    /Permission denied|Too many authentication failures|no such identity|Load key .*(invalid format|incorrect passphrase|error in libcrypto)/i,
    {
      code: "refused-login",
      reason: "the login was refused",
      remedy:
        "check the user, and the key (agent, `identityFile`, `privateKey`; on the command line `--identity`) or `password`",
    },
  ],
  [
    // Our own ssh could not reach the jump host. If the target host is silent, the jump host says `open failed`
    // instead.
    /^ssh: (connect to host|Could not resolve hostname)[^]*UNKNOWN port/m,
    {
      code: "unreachable",
      reason: "the host on the way to it cannot be reached",
      remedy: "check the `host` and `port` of the connection's `proxy` or ProxyJump, and that sshd runs there",
      transient: true,
    },
  ],
  [
    /Could not resolve hostname .*Temporary failure/i,
    {
      code: "unreachable",
      reason: "no name server answers",
      remedy: "check this machine's network and the connection's `host`",
      transient: true,
    },
  ],
  [
    /Could not resolve hostname|open failed: connect failed: (Name or service not known|No address)/i,
    { code: "unreachable", reason: "its name does not resolve", remedy: "check the connection's `host`", gone: true },
  ],
  [
    /Connection refused/i,
    {
      code: "unreachable",
      reason: "nothing listens on its SSH port",
      remedy: "check the connection's `port`, and that sshd runs there",
      transient: true,
    },
  ],
  [
    /Network is unreachable/i,
    {
      code: "unreachable",
      reason: "there is no network to it",
      remedy: "check this machine's network, and the connection's `host`",
      transient: true,
    },
  ],
  [
    // If only the target host is silent, the jump host says `open failed`.
    /^(?![^]*open failed)[^]*timed out[^]*UNKNOWN port/i,
    {
      code: "unreachable",
      reason: "neither it nor the host on the way to it answers",
      remedy: "check the connection's `proxy` or ProxyJump first, then that the host is up",
      transient: true,
    },
  ],
  [
    /timed out during banner exchange/i,
    {
      code: "unreachable",
      reason: "its SSH server does not answer",
      remedy: "check sshd there: it takes connections, and says nothing",
      transient: true,
    },
  ],
  [
    /timed out|No route to host|Host is down/i,
    {
      code: "unreachable",
      reason: "it does not answer",
      remedy: "check that the host is up, and the connection's `host` and `port`",
      transient: true,
      gone: true,
    },
  ],
  [
    /Connection reset|Connection closed|kex_exchange_identification|Broken pipe|Connection to .* closed/i,
    {
      code: "unreachable",
      reason: "it closed the connection",
      remedy: "read sshd's log there (MaxStartups, AllowUsers, a firewall?)",
      transient: true,
    },
  ],
];

/** The exit code of `ssh` for its own failures. Any other exit code is the login shell's. */
const ownFailure = 255;

/**
 * Diagnoses an `ssh` that failed before it ran our command. `shell` is how ssh ended, and what the login shell printed.
 */
export function diagnose(
  stderr: string,
  timedOut: boolean,
  shell: { readonly exitCode: number | undefined; readonly stdout: string } = { exitCode: ownFailure, stdout: "" },
): Diagnosis {
  if (!timedOut && shell.exitCode !== undefined && shell.exitCode !== ownFailure)
    return diagnoseShell(shell.exitCode, `${shell.stdout}\n${stderr}`);
  for (const [pattern, diagnosis] of causes)
    if (pattern.test(stderr)) return { transient: false, gone: false, ...diagnosis };
  // `gone` is false: if the host did not accept the TCP connection, ssh would have said so.
  return timedOut
    ? {
        code: "unreachable",
        reason: "it does not answer",
        remedy: "check that the host is up, and the connection's `host` and `port`",
        transient: true,
        gone: false,
      }
    : {
        code: "unreachable",
        reason: "ssh could not connect",
        remedy: "try `ssh -v HOST` with the same settings",
        transient: true,
        gone: false,
      };
}

/** Diagnoses a login that succeeded, but whose shell ended before it ran our command. */
function diagnoseShell(exitCode: number, output: string): Diagnosis {
  const failed = (reason: string, remedy: string): Diagnosis => ({
    code: "login-shell",
    reason,
    remedy,
    transient: false,
    gone: false,
  });
  if (/account is currently not available|nologin/i.test(output))
    return failed(
      "its user may not log in (its login shell is nologin)",
      "give this user a login shell (`usermod -s /bin/sh USER`), or take another `user`",
    );
  return failed(
    `the login shell ended before it ran anything (exit code ${exitCode})`,
    "see that the user's start files (~/.bashrc, ~/.profile) do not call `exit`, and which login shell it has (`getent passwd USER`)",
  );
}

/**
 * Diagnoses an sshd that refused another session in an open connection. Undefined if the output says nothing of that.
 */
export function diagnoseSession(stderr: string): Diagnosis | undefined {
  if (!/session request failed|Session open refused by peer/i.test(stderr)) return undefined;
  return {
    code: "max-sessions",
    reason: "its SSH server allows too few sessions in one connection (MaxSessions)",
    transient: false,
    gone: false,
    remedy: "set `MaxSessions 10`, which is OpenSSH's default, in the host's sshd_config, and reload sshd",
  };
}

/** Diagnoses a `sudo -n` that refused. Undefined if the output says nothing of that. */
export function diagnoseSudo(stderr: string): Diagnosis | undefined {
  const refused = (reason: string, remedy: string): Diagnosis => ({
    code: "no-sudo",
    reason,
    remedy,
    transient: false,
    gone: false,
  });
  const orRoot = "or log in as root and leave `sudo` out";
  const allow = `allow it in sudoers without a password (\`USER ALL=(root) NOPASSWD: ALL\`), ${orRoot}`;
  if (/sudo: .*(password is required|terminal is required|askpass)/i.test(stderr))
    return refused("sudo asks for a password", allow);
  if (/sudo: .*must have a tty/i.test(stderr))
    return refused("sudo wants a terminal", `take \`requiretty\` out of sudoers for this user, ${orRoot}`);
  if (/is not in the sudoers file|is not allowed to (run|execute)|may not run sudo/i.test(stderr))
    return refused("sudo is not allowed to this user", allow);
  if (/sudo'?: (command )?(not found|No such file)|command not found: sudo|Unknown command:? sudo/i.test(stderr))
    return refused("there is no sudo", `install sudo, ${orRoot}`);
  if (/sudo: .*(setuid|no new privileges|nosuid)/i.test(stderr))
    return refused(
      "sudo cannot become root there",
      `see that sudo is setuid root on a file system without nosuid, ${orRoot}`,
    );
  return undefined;
}
