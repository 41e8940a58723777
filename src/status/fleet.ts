import type { FailureCode } from "../base/failure-codes.js";
import type { AuditStatus } from "../kinds/JailAudit.js";
import type { CheckStatus } from "../kinds/JailCheck.js";
import type { FilesStatus } from "../kinds/JailFiles.js";
import type { LibrariesStatus } from "../kinds/JailLibraries.js";
import type { PackagesStatus } from "../kinds/JailPackages.js";
import type { HostFactsStatus } from "../kinds/JailRoot.js";
import type { SystemStatus } from "../kinds/JailSystem.js";
import type { PythonStatus } from "../kinds/PythonBuild.js";
import type { SafeExecStatus } from "../kinds/SafeExec.js";
import type { Drift } from "../provider/kind.js";

/** A fleet, as its stacks' states record it or as live.ts read it from the hosts. */
export interface Fleet {
  readonly stacks: readonly StackStatus[];
  /** When the hosts were read (ISO 8601); undefined if only states were read. */
  readonly readAt?: string | undefined;
  /** Sorted by host and path. */
  readonly jails: readonly JailStatus[];
}

/** A stack of the fleet. */
interface StackStatus {
  readonly stack: string;
  /** When its state was last written (ISO 8601). */
  readonly time?: string | undefined;
  /** Why its last rollout stopped before it reached all hosts. */
  readonly stopped?: string | undefined;
}

/**
 * `well`; `warns`: well, but the audit or safeexec has a warning; `drifted`: differs from its declaration; `failed`: a
 * check, the audit or a deployment failed; `unfinished`: parts of it are missing; `waiting`: the last rollout stopped
 * before it reached the host, and all else is well; `unreachable`: its host could not be read (known only after a live
 * read).
 */
export type JailState = (typeof jailStates)[number];

/** All states, the worst first. */
export const jailStates = ["unreachable", "failed", "unfinished", "drifted", "waiting", "warns", "well"] as const;

/** A problem of a jail. */
export interface JailProblem {
  readonly state: Exclude<JailState, "well">;
  /** The resource that reports it: "DeviceNode judge-1-null". */
  readonly resource: string;
  /** The problem, in one line. */
  readonly text: string;
  /** What to do, in one line. */
  readonly remedy: string;
  /** Why a host failed: an entry of docs/errors.md. */
  readonly code?: FailureCode | undefined;
}

/**
 * Status values that the kinds of resources report for a jail (`Shown.status`), each under its key. Kinds that are not
 * listed here add theirs too; only the tables and the report's sections show those.
 */
export interface ToldByKinds {
  /** The release that was rolled out to it, if the jail has releases. */
  readonly release?: string | undefined;
  readonly python?: PythonStatus | undefined;
  readonly check?: CheckStatus | undefined;
  readonly audit?: AuditStatus | undefined;
  readonly packages?: PackagesStatus;
  readonly libraries?: LibrariesStatus | undefined;
  readonly files?: FilesStatus | undefined;
  readonly system?: SystemStatus | undefined;
  /** The host's safeexec, which runs programs in its jails. */
  readonly safeexec?: SafeExecStatus | undefined;
  readonly hostFacts?: HostFactsStatus | undefined;
}

/** One jail on one host. Unknown values are undefined. */
export interface JailStatus extends ToldByKinds {
  readonly stack: string;
  /** Logical name of the host. */
  readonly host: string;
  /** Path of the jail on the host; undefined if the state does not have it. */
  readonly path?: string | undefined;
  readonly state: JailState;
  /** The worst first; empty if all is well. */
  readonly problems: readonly JailProblem[];
  /** Differences in words, by resource ("JailFiles judge-1"). */
  readonly drift: Readonly<Record<string, Drift>>;
  /** When one of its resources last changed (ISO 8601); finding drift is no change. */
  readonly changed?: string | undefined;
  /** Seconds from the start of its first deployment until its check passed. */
  readonly madeInSeconds?: number | undefined;
  /** Its resources, in the order of their creation. */
  readonly resources: readonly {
    readonly name: string;
    readonly created?: string | undefined;
    readonly modified?: string | undefined;
  }[];
  /** Facts that only a live read gives. */
  readonly live?: LiveFacts | undefined;
}

/** Facts that were read from the host itself. */
export interface LiveFacts {
  /** Disk space that the jail takes, in kB. */
  readonly jailKb?: number | undefined;
  /** Free space on the jail's file system, in kB. */
  readonly freeKb?: number | undefined;
  /**
   * The jail's libraries, each with the first digits of its sha256: `{"lib/x86_64-linux-gnu/libssl.so.3": "3f2a9c1b"}`.
   */
  readonly libraries: Readonly<Record<string, string>>;
  /** The last lines of the log of Python's build. */
  readonly log: readonly string[];
}

/** One problem, with the jails that have it. */
export interface ProblemGroup extends Omit<JailProblem, "resource" | "code"> {
  /** Kind of the resource that reports it: "JailLibraries". */
  readonly kind: string;
  readonly jails: readonly JailStatus[];
}

/** Groups the equal problems of all jails: the worst first, then those that most jails have. */
export function groupProblems(jails: readonly JailStatus[]): ProblemGroup[] {
  const groups = new Map<string, Omit<ProblemGroup, "jails"> & { jails: JailStatus[] }>();
  for (const jail of jails) {
    for (const { state, resource, text, remedy } of jail.problems) {
      const [kind = ""] = resource.split(" ");
      const key = JSON.stringify([state, kind, text, remedy]);
      const group = groups.get(key);
      if (!group) groups.set(key, { state, kind, text, remedy, jails: [jail] });
      else if (!group.jails.includes(jail)) group.jails.push(jail);
    }
  }
  const rank = ({ state }: ProblemGroup): number => jailStates.indexOf(state);
  return [...groups.values()].sort((one, other) => rank(one) - rank(other) || other.jails.length - one.jails.length);
}

/** Counts the jails in each state. Every state has an entry. */
export function countStates(jails: readonly JailStatus[]): Record<JailState, number> {
  return Object.fromEntries(
    jailStates.map((state) => [state, jails.filter((jail) => jail.state === state).length]),
  ) as Record<JailState, number>;
}

/** Counts the jails with each version of Python, the most frequent first. */
export function countPythons(jails: readonly JailStatus[]): [version: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { python } of jails)
    if (python?.version !== undefined) counts.set(python.version, (counts.get(python.version) ?? 0) + 1);
  return [...counts].sort(([one, many], [other, more]) => more - many || (one < other ? -1 : 1));
}

/** Sorts jails with problems before the others. */
export function worstFirst(jails: readonly JailStatus[]): JailStatus[] {
  const rank = ({ state }: JailStatus): number =>
    state === "warns" ? jailStates.indexOf("well") : jailStates.indexOf(state);
  return [...jails].sort((one, other) => rank(one) - rank(other));
}

/** True if nothing is wrong. A warning is not wrong, nor is a host that a rollout has not reached yet. */
export function isWell({ state }: Pick<JailStatus, "state">): boolean {
  return state === "well" || state === "warns" || state === "waiting";
}
