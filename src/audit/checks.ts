/** The kinds of checks, which `failOn` can name. */
type CheckKind =
  /** Reads the jail and its host from outside. */
  | "static"
  /** Tries from inside whether programs are confined. */
  | "confinement"
  /** Tries from inside whether programs work. */
  | "function";

/** One check of the audit. */
export interface Check {
  /** What is true if the check passes, in a few words. */
  readonly title: string;
  readonly kind: CheckKind;
  /** Result of a failed check. Default: `fail`. */
  readonly severity?: "warn";
  /** What to do if the check does not pass. */
  readonly remedy: string;
  /** What chroot, the fallback for safeexec, cannot confine. If given, a failure through chroot is only a warning. */
  readonly fallback?: string;
}

/** All checks, in the order of a report. Names must never change, because `failOn` and `accept` use them. */
const checks = {
  "setuid-files": {
    title: "no setuid or setgid file, no file capability",
    kind: "static",
    remedy:
      "remove the file, or its rights: `chmod u-s,g-s`, `setcap -r`; for capabilities to be read, install `getcap` (Debian: libcap2-bin)",
  },
  "owner-chain": {
    title: "the jail and all above it are root's, and nobody else's to write",
    kind: "static",
    remedy: "`chown root:root` and `chmod go-w` what is named, or give another `path`",
  },
  "writable-paths": {
    title: "programs can write to scratch only",
    kind: "static",
    remedy:
      "`pulumi up --refresh` sets owners and modes (by hand: `chown root:root`, `chmod go-w`); `tmp: none` and `shm: none` take the shared directories away",
  },
  "device-nodes": {
    title: "the declared device nodes, exact, and no other",
    kind: "static",
    remedy: "`pulumi up --refresh` makes the declared nodes (by hand: `mknod`); remove any other",
  },
  "mount-options": {
    title: "the jail's mount lets nodes and programs work, safeexec's its setuid bit; nothing is mounted inside",
    kind: "static",
    remedy:
      "remount the jail's file system with `dev` and `exec`, safeexec's with `suid` (`mount -o remount,dev,exec`); unmount (`umount`) what is inside",
  },
  "elf-resolves": {
    title: "every program and library finds what it needs inside",
    kind: "static",
    remedy:
      "`pulumi up --refresh` copies the libraries that programs need (`libraries.extra` names more); by hand, copy them from the host, or remove the file that needs them",
  },
  "library-hashes": {
    title: "the libraries are the host's present ones",
    kind: "static",
    remedy:
      "`pulumi up --refresh` renews those that JailLibraries put there; remove an unmanaged one, or copy the host's over it",
  },
  "special-files": {
    title: "no socket, FIFO, hard link to a file outside, or symbolic link that leads out",
    kind: "static",
    remedy: "remove what is named, and find out who made it",
  },
  "safeexec-install": {
    title: "safeexec is root:root 4755, and its users and group are nobody's",
    kind: "static",
    remedy: "`chown root:root` and `chmod 4755` safeexec; give accounts and subuid ranges other numbers",
  },
  "host-kernel": {
    title: "no swap, no program that takes core dumps",
    kind: "static",
    remedy: "`swapoff -a`; `sysctl kernel.core_pattern=core` (to keep it: /etc/fstab, /etc/sysctl.d)",
  },
  hello: {
    title: "print(1+1) prints 2",
    kind: "function",
    remedy: "`pulumi up --refresh` repairs a jail of a stack; `limits` sets how much a program may use",
  },
  "fork-bomb": {
    title: "a fork bomb is stopped",
    kind: "confinement",
    remedy: "limit the processes: safeexec's `--nproc`; in a stack, `limits.processes`",
  },
  "memory-bomb": {
    title: "a program that takes ever more memory is stopped",
    kind: "confinement",
    remedy: "limit the memory: safeexec's `--mem`; in a stack, `limits.memoryKb`",
  },
  "time-limits": {
    title: "what spins, sleeps or stops itself is ended in time",
    kind: "confinement",
    remedy:
      "limit the time: safeexec's `--cpu` and `--clock`; in a stack, `limits.cpuSeconds` and `limits.clockSeconds`",
  },
  "no-network": {
    title: "no address and no name can be reached",
    kind: "confinement",
    remedy: "run programs without network: safeexec without `--share_newnet`, or a firewall rule for its group",
    fallback: "it has the host's network where the host has no `unshare`",
  },
  "no-smtp": {
    title: "no mail can be sent",
    kind: "confinement",
    remedy: "run programs without network, or refuse port 25 to safeexec's group",
    fallback: "it has the host's network where the host has no `unshare`",
  },
  "system-folders": {
    title: "/, /etc, /lib, /usr and /bin cannot be written",
    kind: "confinement",
    remedy: "`pulumi up --refresh` sets owners and modes (by hand: `chown root:root`, `chmod go-w`)",
  },
  "file-size": {
    title: "no large file can be made",
    kind: "confinement",
    remedy: "limit the size of files: safeexec's `--fsize`; in a stack, `limits.fileKb`",
  },
  "no-leftovers": {
    title: "nothing of one run is there for the next",
    kind: "confinement",
    remedy: "let programs write nowhere, or empty it after each run; end what they leave behind",
    fallback: "nothing ends what a program leaves running",
  },
  "clean-environment": {
    title: "no variable of the caller's environment is visible",
    kind: "confinement",
    remedy: "run safeexec with `--env_vars`, or from an empty environment (`env -i`)",
  },
  "other-sandboxes": {
    title: "no other program is seen or can be signalled",
    kind: "confinement",
    remedy: "run each program as a user of its own, and mount no /proc in the jail",
    fallback: "all programs run as one user, and may end each other",
  },
  "host-accounts": {
    title: "the host's accounts and passwords are not in the jail",
    kind: "confinement",
    remedy: "remove the host's files from the jail's etc directory",
  },
  "own-limits": {
    title: "a program cannot raise its limits",
    kind: "confinement",
    remedy: "set hard limits, and run programs without CAP_SYS_RESOURCE",
  },
  "output-flood": {
    title: "endless output is cut off",
    kind: "confinement",
    remedy: "read programs' output from a pipe, and close it at a limit; to a file, limit its size (`--fsize`)",
  },
  identity: {
    title: "a user and group without rights, no other groups, no capabilities",
    kind: "confinement",
    remedy: "drop user, group, supplementary groups and capabilities before the program starts",
  },
  descriptors: {
    title: "no open file of the caller's is handed on",
    kind: "confinement",
    severity: "warn",
    remedy: "close what is open before you start programs (Python's subprocess does, `close_fds`); safeexec does not",
    fallback: "chroot closes nothing",
  },
  "devices-work": {
    title: "/dev/null takes a write, /dev/urandom gives bytes",
    kind: "function",
    remedy: "`pulumi up --refresh` mends the nodes (DeviceNode); the mount must not be nodev",
  },
  "privileged-calls": {
    title: "chroot, mknod, mount, ptrace and user namespaces are refused",
    kind: "confinement",
    remedy: "run programs as a user without rights",
  },
  "text-and-signals": {
    title: "UTF-8 goes there and back, a crash is told as its signal",
    kind: "function",
    remedy:
      "set PYTHONIOENCODING=utf-8 (safeexec's `--env_vars PY`); read the signal from safeexec's report (`--report_file`)",
  },
  "threads-and-modules": {
    title: "the standard modules import, threads start and end, `tmp` and `shm` serve",
    kind: "function",
    remedy:
      "`requireModules` names modules that a build must have; threads need `limits.processes`, `tmp` and `shm` also `limits.fileKb`",
  },
} as const satisfies Record<string, Check>;

export type CheckName = keyof typeof checks;
export const checkNames = Object.keys(checks) as CheckName[];

/** The same table, typed for code that treats all checks alike. */
export const checkTable: Readonly<Record<CheckName, Check>> = checks;

/** Whether a check runs a program in the jail. */
export function isDynamic(name: CheckName): boolean {
  return checkTable[name].kind !== "static";
}
