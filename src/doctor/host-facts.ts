import { HostError } from "../base/errors.js";
import type { Answer } from "../remote/answer.js";
import { flag, rest, text } from "../remote/arguments.js";
import { maybe, one, upTo } from "../remote/declaration.js";
import { disksStep, readDisks, type Disk } from "../remote/disks.js";
import { familyOf, type Family } from "../remote/distributions.js";
import { factsStep, readFacts } from "../remote/facts.js";
import type { HostFacts } from "../remote/host-facts.js";
import { hostPath, maybeNumber, oneOf, plainName, said, wholeNumber } from "../remote/fields.js";
import { defineStep } from "../remote/step.js";
import type { Target } from "../remote/target.js";
import { everyTool } from "../remote/tools.js";
import { needLines } from "../python/modules.js";
import type { HostNeeds } from "./host-needs.js";
import { z } from "zod";

const features = ["userspec", "mount-namespace", "pid-namespace", "network-namespace", "no-new-privileges"] as const;
export type Feature = (typeof features)[number];

const places = ["none", "empty", "jail", "ours", "other", "file", "symlink"] as const;

export const doctorStep = defineStep({
  does: "read what the host has",
  script: "doctor/read.sh",
  gets: ["jail", "records", "cache"],
  args: { tools: text, login: text, firewall: flag, needs: rest },
  reads: true,
  needsNoTools: true,
  answers: {
    ...needLines,
    uid: one([wholeNumber]),
    capabilities: maybe([z.string().regex(/^[0-9a-f]{16}$/)]),
    seccomp: maybe([oneOf("yes")]),
    "user-namespace": one([oneOf("yes", "no")]),
    sudo: maybe([oneOf("yes", "no", "none")]),
    "lacks-tool": upTo(200, [plainName]),
    feature: upTo(features.length, [z.enum(features), oneOf("yes", "no")]),
    cgroups: one([oneOf("2", "1", "none")]),
    place: one([z.enum(places)]),
    mounted: upTo(3, [hostPath, said()]),
    taken: upTo(20, [said(), said(), oneOf("group", "users")]),
    sshd: upTo(2, [oneOf("maxsessions", "maxstartups"), said(64)]),
    startups: maybe([wholeNumber, wholeNumber]),
    time: maybe([maybeNumber]),
  },
});

/** Facts of a host that doctor has read. A fact that the host does not tell is undefined. */
export interface DoctorFacts {
  readonly uid: number;
  /** Whether a login that is not root can become root with sudo without a password; `none` if there is no sudo. */
  readonly sudo: "yes" | "no" | "none" | undefined;
  readonly family: Family | undefined;
  readonly system: HostFacts | undefined;
  readonly lackingTools: readonly string[];
  /** The missing needs of a build, in the form of `needText`. */
  readonly lackingNeeds: readonly string[];
  readonly features: readonly Feature[];
  /** The login's capabilities, as the kernel's bit mask. */
  readonly capabilities: bigint | undefined;
  readonly inUserNamespace: boolean;
  readonly seccomp: boolean;
  readonly cgroups: "1" | "2" | "none";
  readonly place: (typeof places)[number];
  /** Mount options, by path. */
  readonly mounted: Readonly<Record<string, readonly string[]>>;
  readonly disks: readonly Disk[];
  /** Accounts that have safeexec's group or one of its users' numbers. */
  readonly taken: readonly { readonly fact: string; readonly remedy: string; readonly kind: "group" | "users" }[];
  readonly maxSessions: number | undefined;
  /** The number of simultaneous logins from which on sshd drops some. */
  readonly maxStartups: number | undefined;
  /**
   * By how many seconds at least the host's clock is ahead of the control machine's (negative: behind); 0 if it may be
   * right.
   */
  readonly clockAhead: number | undefined;
}

/** Reads all facts that doctor needs for one jail, in one round trip. Throws HostError. */
export async function readDoctorFacts(target: Target, needs: HostNeeds): Promise<DoctorFacts> {
  const paths = [
    ["the jail", target.path],
    ["our records", target.records],
    ["builds", target.cache],
    ["temporary files", "/tmp"],
  ] as const;
  // Doctor must not write to the host, so the host does not keep the answer.
  const { remembered: _, ...plainFacts } = factsStep;
  const before = Date.now();
  const [answer, system, disks] = await Promise.all([
    target.run(doctorStep, {
      tools: everyTool.join(" "),
      login: needs.user ?? "root",
      firewall: needs.safeexec?.firewall ?? false,
      needs: needs.checkedNeeds,
    }),
    unlessToolsMissing(target.run(plainFacts).then(readFacts)),
    unlessToolsMissing(
      target.run(disksStep, { paths: paths.map(([, path]) => path) }).then((found) => readDisks(found, paths)),
    ),
  ]);
  return doctorFactsIn(answer, system, disks ?? [], [before, Date.now()]);
}

/** Undefined if the read failed because tools are missing. Doctor's own step answers which. */
async function unlessToolsMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof HostError && error.code === "missing-tool") return undefined;
    throw error;
  }
}

/**
 * Parses the answer of `doctorStep`. `asked`: the times of the question and of the answer, in milliseconds since 1970.
 */
export function doctorFactsIn(
  answer: Answer,
  system: HostFacts | undefined,
  disks: readonly Disk[],
  asked: readonly [number, number],
): DoctorFacts {
  const capabilities = answer.maybe("capabilities");
  const [id = "", like = ""] = answer.all("distribution")[0] ?? [];
  const sshd = new Map(answer.all("sshd", 2).map(([name, value]) => [name, value]));
  const begin = answer.maybe("startups") ?? sshd.get("maxstartups");
  return {
    uid: Number(answer.one("uid", 1)[0]),
    sudo: answer.maybe("sudo") as DoctorFacts["sudo"],
    family: familyOf(id, like),
    system,
    lackingTools: answer.all("lacks-tool", 1).map(([name]) => name),
    lackingNeeds: answer.all("lacks", 1).map(([need]) => need),
    features: answer.all("feature", 2).flatMap(([name, has]) => (has === "yes" ? [name as Feature] : [])),
    capabilities: capabilities === undefined ? undefined : BigInt(`0x${capabilities}`),
    inUserNamespace: answer.maybe("user-namespace") === "yes",
    seccomp: answer.maybe("seccomp") === "yes",
    cgroups: answer.one("cgroups", 1)[0] as DoctorFacts["cgroups"],
    place: answer.one("place", 1)[0] as DoctorFacts["place"],
    mounted: Object.fromEntries(answer.all("mounted", 2).map(([path, options]) => [path, options.split(",")])),
    disks,
    taken: answer.all("taken", 3).map(([fact, remedy, kind]) => ({ fact, remedy, kind: kind as "group" | "users" })),
    maxSessions: leadingNumber(sshd.get("maxsessions")),
    maxStartups: leadingNumber(begin),
    clockAhead: aheadBy(answer.maybe("time"), asked),
  };
}

/** The number at the start of a text: 10 for MaxStartups' "10:30:100". */
function leadingNumber(value: string | undefined): number | undefined {
  const digits = /^\d+/.exec(value ?? "")?.[0];
  return digits === undefined ? undefined : Number(digits);
}

/** The least difference between a host's clock and ours that explains its answer, in seconds. */
function aheadBy(time: string | undefined, [asked, answered]: readonly [number, number]): number | undefined {
  if (time === undefined || time === "") return undefined;
  const [seconds, earliest, latest] = [Number(time), Math.floor(asked / 1000), Math.ceil(answered / 1000)];
  if (seconds > latest) return seconds - latest;
  return seconds < earliest ? seconds - earliest : 0;
}
