import { posix } from "node:path";
import { z } from "zod";

const systemPaths = [
  "/bin",
  "/boot",
  "/dev",
  "/etc",
  "/lib",
  "/lib32",
  "/lib64",
  "/libx32",
  "/proc",
  "/run",
  "/sbin",
  "/sys",
  "/usr/bin",
  "/usr/include",
  "/usr/lib",
  "/usr/lib32",
  "/usr/lib64",
  "/usr/libexec",
  "/usr/sbin",
  "/usr/share",
  "/var/lib/apt",
  "/var/lib/dpkg",
  "/var/lib/rpm",
  "/var/lib/python3jail/jails",
  "/var/lib/python3jail/programs",
];
const systemDirectories = [
  "/",
  "/home",
  "/media",
  "/mnt",
  "/opt",
  "/root",
  "/srv",
  "/tmp",
  "/usr",
  "/usr/local",
  "/usr/local/bin",
  "/usr/local/lib",
  "/usr/local/sbin",
  "/usr/local/share",
  "/usr/src",
  "/var",
  "/var/backups",
  "/var/cache",
  "/var/lib",
  "/var/log",
  "/var/mail",
  "/var/spool",
  "/var/tmp",
  "/var/www",
];

const noControls = (value: string): boolean => !/[\u0000-\u001f\u007f]/.test(value);

/** An absolute, plain path on a host. */
export const absolutePath = z
  .string()
  .refine((value) => noControls(value), "must not contain a line break, a NUL or another control character")
  .refine((value) => value.startsWith("/"), "must be an absolute path (begin with /)")
  .refine((value) => !value.split("/").includes(".."), "must not contain '..'")
  .refine(
    (value) => posix.normalize(value) === value && (value === "/" || !value.endsWith("/")),
    "must be a plain path: no '.', no '//', no '/' at its end",
  );

/**
 * Directories whose old files the system deletes by itself (systemd-tmpfiles). Besides, a confined step has its own
 * /tmp.
 */
const temporaryDirectories = ["/tmp", "/var/tmp"];

/** A directory that we may own: none that the system needs or cleans. */
export const ownDirectory = absolutePath
  .refine(
    (value) => !temporaryDirectories.some((temporary) => value.startsWith(`${temporary}/`)),
    "is in a directory that the system cleans by itself; give one that stays, such as /srv/python3jail",
  )
  .refine(
    (value) =>
      !systemDirectories.includes(value) &&
      !systemPaths.some((system) => value === system || value.startsWith(`${system}/`)),
    "is a system path; give a folder of its own, such as /srv/python3jail",
  );

/** The directory for caches. CPython and safeexec are built in it, and configure and make cannot quote paths. */
export const cacheDirectory = ownDirectory.refine(
  (value) => /^[A-Za-z0-9._+@~/-]*$/.test(value),
  "must have only letters, digits and . _ + @ ~ - in its names: programs are built there, and make cannot quote others",
);

/** A path inside the jail, relative to it. */
export const pathInJail = z
  .string()
  .min(1, "must not be empty")
  .refine((value) => noControls(value), "must not contain a line break, a NUL or another control character")
  .refine((value) => !value.startsWith("/"), "must be relative to the jail (no / at its beginning)")
  .refine((value) => !value.split("/").includes(".."), "must stay inside the jail (no '..')")
  .refine(
    (value) => posix.normalize(value) === value && value !== "." && !value.endsWith("/"),
    "must be a plain path: no '.', no '//', no '/' at its end",
  );

/** The default path of a jail. */
export const defaultPath = "/srv/python3jail";
