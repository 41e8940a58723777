import { z } from "zod";
import { checkTable, type Check, type CheckName } from "../audit/checks.js";
import { failing, type FailOn } from "../audit/policy.js";
import type { Finding } from "../audit/findings.js";
import type { Drift } from "../provider/kind.js";
import { defaultDirectories } from "../remote/target-inputs.js";
import { oneLine } from "../base/text.js";
import { jailStates, type AuditStatus, type Fleet, type JailStatus, type JailProblem } from "./fleet.js";
import { kindOf, nameIn, type StackState, type StateResource } from "./state.js";

// A state may come from another release, and what is in it from a host: what has another form than expected counts as not known.
const text = z
  .string()
  .transform((value) => oneLine(value))
  .optional()
  .catch(undefined);
const longText = z
  .string()
  .transform((value) => oneLine(value, 2000))
  .optional()
  .catch(undefined);
const number = z.number().optional().catch(undefined);
const texts = z
  .array(z.string().transform((value) => oneLine(value)))
  .default([])
  .catch([]);
const textMap = z.record(
  z.string().transform((key) => oneLine(key)),
  z.string().transform((value) => oneLine(value)),
);
const drift = textMap.default({}).catch({});
const result = z.enum(["pass", "warn", "fail", "not-applicable"]);

/** What each kind's outputs tell, as far as a person asks for it. */
const outputs = {
  PythonBuild: z.object({
    pythonVersion: text,
    buildKey: text,
    digest: text,
    missingModules: texts,
    directories: z.object({ cache: text }).default({}).catch({}),
  }),
  JailCheck: z.object({
    printed: text,
    via: text,
    elapsedSeconds: number,
    cpuSeconds: number,
    memoryKb: number,
    report: text,
    command: longText,
  }),
  JailAudit: z.object({
    summary: text,
    via: text,
    findings: z
      .array(
        z.object({
          check: z.string().transform((name) => oneLine(name)),
          result,
          evidence: z.string().transform((value) => oneLine(value)),
        }),
      )
      .default([])
      .catch([]),
    accept: drift,
    failOn: z.array(z.string()).default([]).catch([]),
  }),
  JailPackages: z.object({ packages: textMap.optional().catch(undefined) }),
  JailLibraries: z.object({ count: number, digest: text, libc: text, loader: text, traced: texts }),
  JailFiles: z.object({ count: number, digest: text, strays: texts }),
  JailSystem: z.object({ fileCount: number, zoneCount: number }),
  SafeExec: z.object({ path: text, digest: text, builtFrom: text, firewallTool: text, warnings: texts }),
};

/** What every jail has whose component, of an older release, does not tell its parts. */
const leastParts = "JailRoot PythonBuild JailSystem JailLibraries JailPermissions JailCheck";

/** The fleet that is in some stacks' states. */
export function fleetIn(states: readonly StackState[]): Fleet {
  const jails = states
    .flatMap(jailsOf)
    .sort(
      (one, other) =>
        compare(one.host, other.host) || compare(one.path ?? "", other.path ?? "") || compare(one.stack, other.stack),
    );
  return { stacks: states.map(({ stack, time }) => ({ stack, time })), jails };
}

const { compare } = new Intl.Collator("en", { numeric: true });

/** Resources that belong together, and operations on some of which nobody knows the end. */
interface Parts {
  readonly resources: StateResource[];
  readonly pending: { readonly resource: StateResource; readonly type: string }[];
}

/** What in a state belongs to one jail. */
interface Belongings extends Parts {
  readonly host: string;
  readonly path: string | undefined;
  /** Its PythonJail, where it is one's. */
  component?: StateResource;
}

const componentType = "python3jail:index:PythonJail";

function jailsOf(state: StackState): JailStatus[] {
  const all = new Map<string, Belongings>();
  const belongings = (host: string, path: string | undefined): Belongings => {
    const key = JSON.stringify([host, path]);
    let found = all.get(key);
    if (!found) all.set(key, (found = { host, path, resources: [], pending: [] }));
    return found;
  };
  // A release is a jail in itself, and belongs to the one whose release it is.
  const placeOf = ({ inputs }: StateResource): [string, string | undefined] => [
    text.parse(inputs?.["host"]) ?? "?",
    text.parse(inputs?.["path"])?.replace(/\/releases\/[0-9a-f]{12}$/, ""),
  ];
  /** By host: a safeexec is the host's, not a jail's. */
  const sandboxes = new Map<string, Parts>();
  const partsOf = (one: StateResource): Parts => {
    if (kindOf(one) !== "SafeExec") return belongings(...placeOf(one));
    const [host] = placeOf(one);
    let found = sandboxes.get(host);
    if (!found) sandboxes.set(host, (found = { resources: [], pending: [] }));
    return found;
  };
  const componentOf = new Map<string, Belongings>();

  for (const one of state.resources) {
    if (kindOf(one) === undefined) continue;
    partsOf(one).resources.push(one);
    // What was replaced may lie where the jail is no more.
    if (!one.delete && kindOf(one) !== "SafeExec" && one.parent?.includes(componentType))
      componentOf.set(one.parent, belongings(...placeOf(one)));
  }
  for (const { resource, type } of state.pending)
    if (kindOf(resource) !== undefined) partsOf(resource).pending.push({ resource, type });
  for (const one of state.resources.filter(({ type }) => type === componentType)) {
    // A jail of which nothing came to be has only its name to tell the host by: our program puts the path behind it.
    const name = oneLine(nameIn(one.urn));
    const path = text.parse(one.outputs?.["path"])?.replace(/\/current$/, "");
    const host = path !== undefined && name.endsWith(`:${path}`) ? name.slice(0, -path.length - 1) : name;
    (componentOf.get(one.urn) ?? belongings(host, path)).component = one;
  }
  const withJails = new Set([...all.values()].map(({ host }) => host));
  for (const host of sandboxes.keys()) if (!withJails.has(host)) belongings(host, undefined);
  return [...all.values()].map((jail) => statusOf(state.stack, jail, sandboxes.get(jail.host)));
}

function statusOf(
  stack: string,
  { host, path, component, resources, pending }: Belongings,
  sandboxes: Parts = { resources: [], pending: [] },
): JailStatus {
  const present = resources.filter((one) => !one.delete);
  const sandbox = sandboxes.resources.find((one) => !one.delete);
  const of = (kind: string): StateResource | undefined => present.find((one) => kindOf(one) === kind);
  const read = <Kind extends keyof typeof outputs>(
    kind: Kind,
    from = of(kind),
  ): z.output<(typeof outputs)[Kind]> | undefined =>
    from && (outputs[kind].parse(from.outputs ?? {}) as z.output<(typeof outputs)[Kind]>);

  const differing = [...present, ...(sandbox ? [sandbox] : [])].flatMap((one): [StateResource, Drift][] => {
    const seen = drift.parse(one.outputs?.["drift"]);
    return Object.keys(seen).length > 0 ? [[one, seen]] : [];
  });
  const python = read("PythonBuild");
  const check = read("JailCheck");
  const audit = read("JailAudit");
  const libraries = read("JailLibraries");
  const system = read("JailSystem");
  const safeexec = read("SafeExec", sandbox);

  const problems: JailProblem[] = [];
  const parts = (text.parse(component?.outputs?.["parts"]) ?? leastParts).split(" ");
  const missing = missingOf(parts, present);
  if (component && missing.length > 0) {
    problems.push({
      state: "unfinished",
      resource: `PythonJail ${oneLine(nameIn(component.urn))}`,
      text: present.length === 0 ? "nothing of it was made" : `was not finished: no ${missing.join(", ")}`,
      remedy: "run `pulumi up`: it goes on where it ended, and says what is in the way",
    });
  }
  for (const { resource, type } of [...pending, ...sandboxes.pending])
    problems.push({
      state: "unfinished",
      resource: titleOf(resource),
      text: `nobody knows how this ended: ${oneLine(type)}`,
      remedy: "run `pulumi up`, then `pulumi refresh --clear-pending-creates`",
    });
  for (const one of [...resources, ...sandboxes.resources]) {
    if (one.delete)
      problems.push({
        state: "unfinished",
        resource: titleOf(one),
        text: "was replaced, and is still to be removed",
        remedy: "run `pulumi up`",
      });
    for (const error of one.initErrors ?? [])
      problems.push({
        state: "failed",
        resource: titleOf(one),
        text: oneLine(error),
        remedy: "run `pulumi up`: it goes on where it ended",
      });
  }
  for (const { failure, ...one } of [...present, ...(sandbox ? [sandbox] : [])]) {
    if (failure)
      problems.push({
        state: "unreachable",
        resource: titleOf(one),
        text: oneLine(failure.reason),
        remedy: oneLine(failure.remedy ?? "see what the host says"),
      });
  }
  for (const [one, seen] of differing) {
    // What an audit or a check saw is no mere difference: the jail does not do what it is for.
    const state = ["JailAudit", "JailCheck"].includes(kindOf(one) ?? "") ? "failed" : "drifted";
    for (const [what, words] of Object.entries(seen))
      problems.push({
        state,
        resource: titleOf(one),
        text: state === "failed" ? `${what}: ${words}` : `${what} ${words}`,
        remedy: (state === "failed" && checkOf(what)?.remedy) || "`pulumi up --refresh` repairs it",
      });
  }
  const auditor = of("JailAudit");
  if (auditor && audit) problems.push(...auditProblems(titleOf(auditor), audit));
  if (sandbox && safeexec)
    problems.push(
      ...safeexec.warnings.map((warning): JailProblem => ({
        state: "warns",
        resource: titleOf(sandbox),
        text: warning,
        remedy: "change it on the host; `requireFree` makes it an error",
      })),
    );
  const known = new Set<string>();
  // All of a jail's resources say the same of a host that is down, or of a jail that is gone.
  const distinct = problems.filter(
    ({ state, text: words }) => !known.has(`${state} ${words}`) && known.add(`${state} ${words}`),
  );
  distinct.sort((one, other) => jailStates.indexOf(one.state) - jailStates.indexOf(other.state));

  const undrifted = present.filter((one) => !differing.some(([other]) => other === one));
  const changed = newest(undrifted.map(({ modified }) => modified));
  const cache = python?.directories.cache ?? defaultDirectories.cache;
  return {
    stack,
    host,
    path,
    problems: distinct,
    changed,
    state: distinct[0]?.state ?? "well",
    release: releaseOf(present),
    python: python && {
      version: python.pythonVersion,
      build: python.buildKey,
      digest: python.digest,
      missingModules: python.missingModules,
      log: python.buildKey === undefined ? undefined : `${cache}/builds/${python.buildKey}-*/log.gz`,
    },
    check,
    audit: audit && auditStatus(audit),
    drift: Object.fromEntries(differing.map(([one, seen]) => [titleOf(one), seen])),
    packages: read("JailPackages")?.packages,
    libraries: libraries && { ...libraries, stale: staleOf(differing) },
    files: read("JailFiles"),
    system: system && { files: system.fileCount, zones: system.zoneCount },
    safeexec: safeexec && {
      path: safeexec.path,
      digest: safeexec.digest,
      builtFrom: safeexec.builtFrom,
      firewall: safeexec.firewallTool || undefined,
      warnings: safeexec.warnings,
    },
    hostFacts: hostFactsOf(of("JailRoot")),
    madeInSeconds: secondsBetween(component?.created, of("JailCheck")?.created),
    live: of("PythonBuild")?.live,
    resources: present.map((one) => ({ name: titleOf(one), created: one.created, modified: one.modified })),
  };
}

/** The kinds of which there are fewer than there should be. */
function missingOf(parts: readonly string[], present: readonly StateResource[]): string[] {
  const count = (kind: string): number => present.filter((one) => kindOf(one) === kind).length;
  return [...new Set(parts)].filter((kind) => count(kind) < parts.filter((part) => part === kind).length);
}

/** "DeviceNode judge-1-null". */
function titleOf(one: StateResource): string {
  return oneLine(`${kindOf(one)} ${nameIn(one.urn)}`);
}

/** Which release is current, where the jail has releases. */
function releaseOf(resources: readonly StateResource[]): string | undefined {
  return text.parse(resources.find((one) => kindOf(one) === "JailReleases")?.outputs?.["release"]);
}

/** What JailRoot recorded of its host. */
function hostFactsOf(root: StateResource | undefined): Record<string, string> {
  const facts = z
    .record(
      z.string().transform((key) => oneLine(key)),
      z.unknown(),
    )
    .safeParse(root?.outputs?.["hostFacts"]);
  if (!facts.success) return {};
  return Object.fromEntries(
    Object.entries(facts.data).flatMap(([key, value]) =>
      ["string", "number", "boolean"].includes(typeof value) ? [[key, oneLine(String(value))]] : [],
    ),
  );
}

function staleOf(differing: readonly [StateResource, Drift][]): string[] {
  return differing
    .filter(([one]) => kindOf(one) === "JailLibraries")
    .flatMap(([, seen]) =>
      Object.entries(seen).flatMap(([library, words]) => (/^is out of date/.test(words) ? [library] : [])),
    );
}

type AuditOutputs = z.output<(typeof outputs)["JailAudit"]>;

/** A check by its name; undefined where this release has none of that name. */
function checkOf(name: string): Check | undefined {
  return Object.hasOwn(checkTable, name) ? checkTable[name as CheckName] : undefined;
}

function auditStatus({ summary, via, findings, accept }: AuditOutputs): AuditStatus {
  return {
    summary,
    via,
    findings: findings.map((one) => ({
      ...one,
      title: checkOf(one.check)?.title,
      remedy: checkOf(one.check)?.remedy,
      accepted: accept[one.check],
    })),
  };
}

/** What the audit found, by its own policy: a finding that deploying let pass is but a warning. */
function auditProblems(resource: string, audit: AuditOutputs): JailProblem[] {
  const known = audit.findings.filter((one): one is Finding => one.check in checkTable);
  const wrong = failing(known, { failOn: audit.failOn as FailOn[], accept: audit.accept });
  return known
    .filter((one) => ["fail", "warn"].includes(one.result) && !(one.check in audit.accept))
    .map((one) => ({
      state: wrong.includes(one) ? "failed" : "warns",
      resource,
      text: `${one.check}: ${one.evidence}`,
      remedy: checkTable[one.check].remedy,
    }));
}

function newest(times: readonly (string | undefined)[]): string | undefined {
  return times
    .filter((time): time is string => time !== undefined && !Number.isNaN(Date.parse(time)))
    .sort((one, other) => Date.parse(other) - Date.parse(one))[0];
}

function secondsBetween(from: string | undefined, to: string | undefined): number | undefined {
  const seconds = Math.round((Date.parse(to ?? "") - Date.parse(from ?? "")) / 1000);
  return seconds >= 0 ? seconds : undefined;
}
