import pLimit from "p-limit";
import { HostError } from "../base/errors.js";
import { jailTarget } from "../remote/target.js";
import type { TargetInputs } from "../remote/target-inputs.js";
import type { Session } from "../remote/session.js";
import { lacking, type DoctorFinding } from "./finding.js";
import { readDoctorFacts, type DoctorFacts } from "./host-facts.js";
import { canBuild, hostFindings, type PlannedJail } from "./host-findings.js";
import { needsOf, type DoctorSettings } from "./host-needs.js";

/** A jail to check: its host and path, and its settings. */
export interface ExaminedJail extends Pick<TargetInputs, "host" | "connection" | "path" | "directories"> {
  readonly settings: DoctorSettings;
}

/** The findings on one host. */
export interface HostCheckUp {
  readonly host: string;
  readonly findings: readonly DoctorFinding[];
}

/** How many hosts are read at the same time, each over its own connection. */
const maxHostsAtOnce = 128;

interface Examined {
  readonly host: string;
  readonly jail: PlannedJail;
  readonly facts: DoctorFacts;
}

interface Failed {
  readonly host: string;
  readonly error: HostError;
}

/**
 * Reads all hosts, and checks what each has and lacks. A host that cannot be read has one finding; the others are read
 * all the same.
 */
export async function checkUp(candidates: readonly ExaminedJail[], session: Session): Promise<HostCheckUp[]> {
  const limit = pLimit(maxHostsAtOnce);
  const hosts = [...new Set(candidates.map(({ host }) => host))];
  const results = await Promise.all(
    hosts.map((host) =>
      limit(async () => {
        const own = candidates.filter((candidate) => candidate.host === host);
        return Promise.all(own.map((candidate) => examine(candidate, session))).finally(() => session.close(host));
      }),
    ),
  );
  const builders = results.flat().filter((one) => "facts" in one && canBuild(one.facts, one.jail.needs)) as Examined[];
  return results.map((all, index) => ({
    host: hosts[index] ?? "",
    findings: distinct(all.flatMap((one) => findingsOn(one, builders))),
  }));
}

async function examine(candidate: ExaminedJail, session: Session): Promise<Examined | Failed> {
  const { host, connection, path, settings } = candidate;
  const target = jailTarget(candidate, session);
  const needs = needsOf(host, connection, settings);
  try {
    return { host, jail: { path, cache: target.cache, needs }, facts: await readDoctorFacts(target, needs) };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { host, error };
  }
}

function findingsOn(one: Examined | Failed, builders: readonly Examined[]): DoctorFinding[] {
  if ("error" in one) {
    const { reason, remedy = "see what the host says", code } = one.error.failure;
    return [{ ...lacking("login", reason, remedy), code }];
  }
  const { host, facts, jail } = one;
  const builtElsewhere = builders.some((other) => other.host !== host && platformOf(other.facts) === platformOf(facts));
  return hostFindings(facts, jail, builtElsewhere);
}

/** Hosts with equal platforms can share builds. */
function platformOf({ system }: DoctorFacts): string {
  return `${system?.architecture ?? ""} ${system?.libc ?? ""}`;
}

/** Removes repeated findings, as several jails of a host have most in common. */
function distinct(findings: readonly DoctorFinding[]): DoctorFinding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}
