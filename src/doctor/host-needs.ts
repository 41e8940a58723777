import { spaceFor } from "../python/build.js";
import { defaultModules, headersFor, needText, tools, xz, type BuildNeed } from "../python/modules.js";
import { same } from "../remote/distributions.js";
import type { Connection } from "../ssh/connection.js";

/** What one jail will need of its host, as its settings have it. */
export interface HostNeeds {
  readonly user: string | undefined;
  readonly sudo: boolean;
  /** Who makes this host's CPython: it may have to itself, another host does, or it is there already. */
  readonly build: "may have to" | "another host" | "ready-made";
  /** `installBuildDependencies`. */
  readonly installs: boolean;
  /** Megabytes that a build takes in the cache, and CPython in the jail. */
  readonly megabytes: { readonly build: number; readonly jail: number };
  /** What must be there in any case, and what besides for a build; by name. */
  readonly always: Readonly<Record<string, BuildNeed>>;
  readonly forBuild: Readonly<Record<string, BuildNeed>>;
  readonly safeexec: { readonly firewall: boolean; readonly requireFree: boolean } | undefined;
  /** Device nodes are made. */
  readonly devices: boolean;
  /** All of both, as `needs.sh` takes them. */
  readonly toLookFor: readonly string[];
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

/** What a jail with these settings needs of its host. */
export function needsOf(
  host: string,
  { user, sudo = false }: Pick<Connection, "user" | "sudo">,
  { python = {}, root, safeexec, libraries, devices }: DoctorSettings,
): HostNeeds {
  // The rest are tools of every step.
  const { flock, make, "a C compiler": compiler, "the C library's headers": headers } = tools;
  const builder = python.builder as { host?: unknown } | string | null | undefined;
  const builds = typeof builder !== "object" || builder === null || builder.host === host;
  const toolchain = { "a C compiler": compiler, "the C library's headers": headers, make };
  // Every host builds its safeexec itself.
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
    toLookFor: [...new Set([...Object.values(always), ...Object.values(forBuild)].map(needText))],
  };
}
