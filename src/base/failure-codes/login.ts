import type { FailureGroup } from "./entry.js";

/** Failures of the way to a host. */
export const loginCodes = {
  unreachable: {
    meaning: "The host cannot be reached.",
    cause:
      "Its address is wrong, it is off, its SSH server is not running, or a network or jump host on the way is down.",
    whatToDo:
      "Check `host`, `port` and `proxy` of the connection. If the host is gone for good, set `python3jail:unreachable` to `forget`.",
  },
  "refused-login": {
    meaning: "The SSH server refused the login.",
    cause: "The user does not exist there, or does not accept this key or password.",
    whatToDo: "Check `user`, and `privateKey`, `identityFile` or `password` of the connection.",
  },
  "login-shell": {
    meaning: "The login worked, and the login shell ended before it ran a command.",
    cause: "The login shell is `nologin`, or a start file such as ~/.bashrc calls `exit`.",
    whatToDo: "Give the user a login shell, and remove the `exit`. `ssh HOST true` must succeed.",
  },
  "no-shell": {
    meaning: "The login worked, and no `sh` ran.",
    cause: "The login shell runs something else than the command that it was given, or `sh` is not on its PATH.",
    whatToDo: "Give the user an ordinary login shell. `ssh HOST 'sh -c true'` must succeed.",
  },
  "max-sessions": {
    meaning: "The SSH server allows too few sessions in one connection.",
    cause: "`MaxSessions` in its sshd_config is below OpenSSH's default of 10.",
    whatToDo: "Set `MaxSessions 10` in sshd_config, and reload sshd.",
  },
  "unknown-host-key": {
    meaning: "The host's SSH key is not known to the control machine.",
    cause: "Nobody has logged in from here before, and no key was given.",
    whatToDo:
      "Add the key to known_hosts: log in once with `ssh`, and compare the fingerprint. In a stack's config, `hostKey` of the connection gives the key, and `hostKeyPolicy: accept-new` accepts an unknown one.",
  },
  "changed-host-key": {
    meaning: "The host shows another SSH key than the one that is known.",
    cause: "The host was reinstalled, or another machine answers at its address.",
    whatToDo:
      "Find out which it is. After a reinstallation, remove the old key with `ssh-keygen -R HOST`, and add the new one to known_hosts or to `hostKey`.",
  },
  "bad-configuration": {
    meaning: "The control machine's `ssh` cannot start, or does not accept its settings.",
    cause:
      "OpenSSH's client is missing, or ~/.ssh/config, the file of `sshConfigFile` or a name has a form that it refuses.",
    whatToDo: "Correct what the message names. `ssh -v HOST` shows the same error.",
  },
  "no-sudo": {
    meaning: "`sudo` did not make the user root.",
    cause: "It asks for a password or a terminal, does not know the user, or is not installed.",
    whatToDo:
      "Allow `sudo` without a password (`USER ALL=(root) NOPASSWD: ALL` in sudoers), or log in as root without `sudo: true`.",
  },
  "not-root": {
    meaning: "The login is not root's, and the step needs root.",
    cause: "The connection has no `sudo: true`.",
    whatToDo: "Set `sudo: true` in the connection (on the command line: `--sudo`), or log in as root.",
  },
  "connection-lost": {
    meaning: "The connection broke while a step ran.",
    cause: "The network, the host or its SSH server went away.",
    whatToDo: "Run the same command again. It goes on where this one ended.",
  },
  timeout: {
    meaning: "A step or a build took longer than it may.",
    cause: "The host is busy or slow, or something hangs.",
    whatToDo:
      "Find what keeps the host busy, or raise `timeouts.step`. A build of CPython goes on by itself: run the same command again to wait for it.",
  },
  transfer: {
    meaning: "A file could not be sent to the host, or read from it.",
    cause: "The host's disk is full, or the file was removed meanwhile.",
    whatToDo: "Check the free space on the host, and run the same command again.",
  },
} as const satisfies FailureGroup;
