import { spaceFor } from "../python/build.js";
import { defaultModules, headersFor, needText, tools, xz, type BuildNeed } from "../python/modules.js";
import { same } from "../remote/distributions.js";
import type { Connection } from "../ssh/connection.js";

/** The needs of one jail on its host, derived from its settings. */
export interface HostNeeds {
  readonly user: string | undefined;
  readonly sudo: boolean;
  /** Who builds CPython: perhaps this host, always another host, or nobody, as a ready-made build is declared. */
  readonly build: "may have to" | "another host" | "ready-made";
  /** The setting `installBuildDependencies`. */
  readonly installs: boolean;
  /** Disk space in megabytes: of a build in the cache, and of CPython in the jail. */
  readonly megabytes: { readonly build: number; readonly jail: number };
  /** What the host needs in any case, by name. */
  readonly always: Readonly<Record<string, BuildNeed>>;
  /** What the host also needs for a build, by name. */
  readonly forBuild: Readonly<Record<string, BuildNeed>>;
  readonly safeexec: { readonly firewall: boolean; readonly requireFree: boolean } | undefined;
  /** True if the jail gets device nodes. */
  readonly devices: boolean;
  /** The needs in `always` and `forBuild`, in the form that `needs.sh` takes. */
  readonly checkedNeeds: readonly string[];
}

/** The settings of a jail that doctor reads. */
export interface DoctorSettings {
  readonly python?: {
    readonly artifact?: unknown;
    readonly builder?: unknown;
    readonly installBuildDependencies?: boolean;
    readonly requireModules?: readonly string[];
    readonly optimize?: boolean;
    readonly include?: readonly string[];
  };
  readonly root?: { readonly git?: unknown };
  readonly safeexec?:
    undefined | { readonly git?: unknown; readonly firewall?: boolean; readonly requireFree?: boolean };
  readonly libraries?: { readonly trace?: readonly unknown[] };
  readonly devices?: readonly string[];
}

/** Derives the needs of a jail on its host. */
export function needsOf(
  host: string,
  { user, sudo = false }: Pick<Connection, "user" | "sudo">,
  { python = {}, root, safeexec, libraries, devices }: DoctorSettings,
): HostNeeds {
  // The other entries of `tools` are checked with every step.
  const { flock, make, "a C compiler": compiler, "the C library's headers": headers } = tools;
  const builder = python.builder as { host?: unknown } | string | null | undefined;
  const builds = typeof builder !== "object" || builder === null || builder.host === host;
  const toolchain = { "a C compiler": compiler, "the C library's headers": headers, make };
  // Every host builds its own safeexec.
  const always: Record<string, BuildNeed> = safeexec ? { flock, ...toolchain } : { flock };
  if (root?.git !== undefined || safeexec?.git !== undefined) always["git"] = { command: "git", packages: same("git") };
  if (libraries?.trace?.length) always["strace"] = { command: "strace", packages: same("strace") };
  const forBuild: Record<string, BuildNeed> = {
    ...(safeexec ? {} : toolchain),
    xz,
    ...headersFor(python.requireModules ?? defaultModules),
  };
  return {
    user,
    sudo,
    build: python.artifact !== undefined ? "ready-made" : builds ? "may have to" : "another host",
    installs: python.installBuildDependencies ?? false,
    megabytes: spaceFor(python),
    always,
    forBuild,
    safeexec: safeexec && { firewall: safeexec.firewall ?? false, requireFree: safeexec.requireFree ?? false },
    devices: devices === undefined || devices.length > 0,
    checkedNeeds: [...new Set([...Object.values(always), ...Object.values(forBuild)].map(needText))],
  };
}
