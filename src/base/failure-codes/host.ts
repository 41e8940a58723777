import type { FailureGroup } from "./entry.js";

/** What a host lacks or does not allow. */
export const hostCodes = {
  "missing-tool": {
    meaning: "The host has not all tools that the step needs.",
    cause: "A package is not installed.",
    whatToDo: "Install the package that the message names. `python3jail doctor` lists all that a host lacks.",
  },
  "cannot-build": {
    meaning: "The host cannot build CPython or safeexec.",
    cause: "It has no compiler, lacks headers or disk space, or its cache is mounted noexec.",
    whatToDo:
      "Install what the message names, or set `installBuildDependencies: true`. For more space, make room or set `directories.cache`.",
  },
  "build-dependencies": {
    meaning: "The packages that a build needs could not be installed.",
    cause: "The package manager failed: it has no network, is locked, or does not know a package.",
    whatToDo: "Read its last lines, and install the packages by hand.",
  },
  musl: {
    meaning: "The host's C library is musl.",
    cause: "A jail's libraries are copies of the host's, and must be glibc's. Alpine has musl.",
    whatToDo: "Use a host with glibc: Debian, Ubuntu, Fedora, RHEL or SUSE.",
  },
  "no-namespace": {
    meaning: "The step cannot be confined to the jail, and was not run.",
    cause: "The host allows no mount namespace, and others than root can change a directory on the way to the jail.",
    whatToDo:
      "Allow `unshare --mount` (in a container: CAP_SYS_ADMIN), or give these directories to root (`chown root:root`, `chmod go-w`).",
  },
  "no-userspec": {
    meaning: "The host has no sandbox that can give up root's rights.",
    cause: "It has no safeexec, and its `chroot` has no `--userspec` (busybox's).",
    whatToDo: "Install coreutils, or declare `safeexec`.",
  },
  "no-account": {
    meaning: "A user or group does not exist on the host.",
    cause: "`owner`, `group` or `scratchGroup` names an account that the host lacks.",
    whatToDo: "Create the account, or correct the property.",
  },
  "ids-in-use": {
    meaning: "Others on the host use ids that safeexec needs for itself.",
    cause: "safeexec runs programs in group 1000, as users from 10000 on.",
    whatToDo: "Give the accounts that the message names other ids. Or set `firewall: false`, or `requireFree: false`.",
  },
  "pid-max": {
    meaning: "The host has too many process ids to give each uid an entry in the jail's etc/passwd.",
    cause: "`kernel.pid_max` is above 32768, and `lastUid` is `pid_max`.",
    whatToDo: "Set `kernel.pid_max = 32768` in /etc/sysctl.d, or leave `lastUid` out.",
  },
  "no-locale": {
    meaning: "The host lacks the locale C.UTF-8.",
    cause: "Its package is not installed.",
    whatToDo: "Install it (Debian: libc-bin, Fedora: glibc-common, SUSE: glibc-locale-base), or set `locale: none`.",
  },
  "no-timezone": {
    meaning: "The host lacks a time zone that is declared.",
    cause: "tzdata is not installed, or the name is misspelled.",
    whatToDo: "Install tzdata on the host, or correct `timezone` and `timezones`.",
  },
  "disk-full": {
    meaning: "A disk of the host is full.",
    cause: "It has no free space, no free inodes, or a quota is used up.",
    whatToDo: "Make room where the message says, and run the same command again. Nothing in use was changed.",
  },
  "read-only": {
    meaning: "A file system of the host is mounted read-only.",
    cause: "It was mounted so, or the kernel did that after an error of the disk.",
    whatToDo: "Mount it so that it can be written (`mount -o remount,rw`), and run the same command again.",
  },
  unwritable: {
    meaning: "A directory could not be made.",
    cause: "The file system is read-only or full, or does not allow it.",
    whatToDo: "Read the last lines, and repair the file system, or give another `path`.",
  },
  nodev: {
    meaning: "The jail is on a file system that is mounted nodev.",
    cause: "Device nodes do not work there.",
    whatToDo: "Remount it with `dev`, or give another `path`.",
  },
  noexec: {
    meaning: "The file system is mounted noexec.",
    cause: "No program starts there: neither the jail's Python nor safeexec.",
    whatToDo: "Remount it with `exec`, or give another `path`.",
  },
  nosuid: {
    meaning: "safeexec's file system is mounted nosuid.",
    cause: "safeexec is setuid root, which has no effect there.",
    whatToDo: "Remount it with `suid`, or give another `path`.",
  },
  mknod: {
    meaning: "The kernel refused to make a device node.",
    cause: "The host is an unprivileged container, or in a user namespace.",
    whatToDo: "Put the jail on the real host or a virtual machine, or give the container CAP_MKNOD.",
  },
  "record-directory": {
    meaning: "The directory of our records or cache on the host is not safe, or cannot be made.",
    cause: "Others than root own it or a directory above it, or can write there.",
    whatToDo: "Give the directories to root (`chown root:root`, `chmod go-w`), or set `directories`.",
  },
  "unsafe-parent": {
    meaning: "Others than root could exchange the jail or safeexec.",
    cause: "A directory above it belongs to somebody else, or everybody can write to it.",
    whatToDo: "Give the directory to root (`chown root:root`, `chmod o-w`), or give another `path`.",
  },
  locked: {
    meaning: "Another operation is at work at the same place.",
    cause: "Another engine runs, or a process of a killed one has not ended.",
    whatToDo: "Wait until it has ended, then run the same command again.",
  },
  mounted: {
    meaning: "Something is mounted inside the jail.",
    cause: "Somebody mounted it there. Removing or exchanging files would reach what is mounted.",
    whatToDo: "Unmount it (`umount`), then run the same command again.",
  },
} as const satisfies FailureGroup;
