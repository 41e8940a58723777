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

/** A fleet, as its stacks' states know it; with a look at the hosts (live.ts), as it is. */
export interface Fleet {
  readonly stacks: readonly StackStatus[];
  /** When the hosts were readAt at (ISO 8601); undefined where only states were read. */
  readonly readAt?: string | undefined;
  /** By host and path. */
  readonly jails: readonly JailStatus[];
}

/** A stack of the fleet. */
interface StackStatus {
  readonly stack: string;
  /** When its state was last written to (ISO 8601). */
  readonly time?: string | undefined;
  /** Why its last rollout stopped before all hosts were reached. */
  readonly stopped?: string | undefined;
}

/**
 * `well`; `warns`: the audit or safeexec has something to say that is no error; `drifted`: differs from its declaration;
 * `failed`: what was deployed does not hold; `unfinished`: parts of it are missing; `waiting`: the last rollout stopped before it reached the
 * host, and all else is well; `unreachable`: its host could not be readAt at (known only where that was tried).
 */
export type JailState = (typeof jailStates)[number];

/** The worst first. */
export const jailStates = ["unreachable", "failed", "unfinished", "drifted", "waiting", "warns", "well"] as const;

/** Something that is not as it should be. */
export interface JailProblem {
  readonly state: Exclude<JailState, "well">;
  /** Which resource says so: "DeviceNode judge-1-null". */
  readonly resource: string;
  /** What, in a line. */
  readonly text: string;
  /** What to do, in a line. */
  readonly remedy: string;
  /** Of a host that failed, why: its entry in docs/errors.md. */
  readonly code?: FailureCode | undefined;
}

/** What the kinds of resources tell of a jail (`Shown.status`), each under its key. Of another kind it is there too, and only the tables and the report's sections show it. */
export interface ToldByKinds {
  /** What was rolled out to it, where releases are. */
  readonly release?: string | undefined;
  readonly python?: PythonStatus | undefined;
  readonly check?: CheckStatus | undefined;
  readonly audit?: AuditStatus | undefined;
  readonly packages?: PackagesStatus;
  readonly libraries?: LibrariesStatus | undefined;
  readonly files?: FilesStatus | undefined;
  readonly system?: SystemStatus | undefined;
  /** The host's, through which its jails are run. */
  readonly safeexec?: SafeExecStatus | undefined;
  readonly hostFacts?: HostFactsStatus | undefined;
}

/** One jail on one host. What is not known is undefined. */
export interface JailStatus extends ToldByKinds {
  readonly stack: string;
  /** Logical name of the host. */
  readonly host: string;
  /** The jail's path there; undefined where nothing tells it. */
  readonly path?: string | undefined;
  readonly state: JailState;
  /** The worst first. Empty where all is well. */
  readonly problems: readonly JailProblem[];
  /** By resource ("JailFiles judge-1"), what differs, in words. */
  readonly drift: Readonly<Record<string, Drift>>;
  /** When something of it was last changed (ISO 8601); finding drift is no change. */
  readonly changed?: string | undefined;
  /** How long it took from the beginning of its first deployment until its check passed. */
  readonly madeInSeconds?: number | undefined;
  /** Its resources, in the order in which they were made. */
  readonly resources: readonly {
    readonly name: string;
    readonly created?: string | undefined;
    readonly modified?: string | undefined;
  }[];
  /** What only a look at the host tells. */
  readonly live?: LiveFacts | undefined;
}

/** Read from the host itself. */
export interface LiveFacts {
  /** kB on the disk. */
  readonly jailKb?: number | undefined;
  /** kB that are free where the jail lies. */
  readonly freeKb?: number | undefined;
  /** The jail's libraries, with the beginning of their sha256: `{"lib/x86_64-linux-gnu/libssl.so.3": "3f2a9c1b"}`. */
  readonly libraries: Readonly<Record<string, string>>;
  /** The last lines of python's build. */
  readonly log: readonly string[];
}

/** The same problem of many jails, told once. */
export interface ProblemGroup extends Omit<JailProblem, "resource" | "code"> {
  /** "JailLibraries". */
  readonly kind: string;
  readonly jails: readonly JailStatus[];
}

/** What is wrong over all the fleet: the worst first, then what most jails have. */
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

/** How many jails are in each state, all states named. */
export function countStates(jails: readonly JailStatus[]): Record<JailState, number> {
  return Object.fromEntries(
    jailStates.map((state) => [state, jails.filter((jail) => jail.state === state).length]),
  ) as Record<JailState, number>;
}

/** How many jails have each version of python, the most first. */
export function countPythons(jails: readonly JailStatus[]): [version: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { python } of jails)
    if (python?.version !== undefined) counts.set(python.version, (counts.get(python.version) ?? 0) + 1);
  return [...counts].sort(([one, many], [other, more]) => more - many || (one < other ? -1 : 1));
}

/** Jails with problems before others. */
export function worstFirst(jails: readonly JailStatus[]): JailStatus[] {
  const rank = ({ state }: JailStatus): number =>
    state === "warns" ? jailStates.indexOf("well") : jailStates.indexOf(state);
  return [...jails].sort((one, other) => rank(one) - rank(other));
}

/** Whether nothing is wrong. A warning is no wrong, nor is a host that a rollout has not reached yet. */
export function isWell({ state }: Pick<JailStatus, "state">): boolean {
  return state === "well" || state === "warns" || state === "waiting";
}
