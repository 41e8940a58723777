import type { Transport } from "../ssh/transport.js";
import type { Answer } from "./answer.js";
import { one } from "./declaration.js";
import { maybeNumber, said } from "./fields.js";
import type { HostFacts } from "./host-facts.js";
import type { Target } from "./target.js";
import { defineStep } from "./step.js";

export const factsStep = defineStep({
  does: "read what the host is",
  script: "facts/read.sh",
  anyUser: true,
  gets: [],
  reads: true,
  remembered: {},
  answers: {
    architecture: one([said(64)]),
    distribution: one([said(64), said(64), said(120)]),
    libc: one([said(64)]),
    cores: one([maybeNumber]),
    memory: one([maybeNumber]),
    sudo: one([said(64)]),
  },
});

/** The facts that one session has read, by host. */
class FactsRead extends WeakMap<Transport, Promise<HostFacts>> {}

/**
 * Reads the facts of a jail's host, once per session. A failed read throws HostError, and the next call reads again.
 */
export function readHostFacts(jail: Pick<Target, "host" | "run" | "session">): Promise<HostFacts> {
  const known = jail.session.part(FactsRead);
  let facts = known.get(jail.host);
  if (!facts) {
    facts = jail.run(factsStep).then(readFacts);
    known.set(jail.host, facts);
    facts.catch(() => known.delete(jail.host));
  }
  return facts;
}

/** Parses the answer of `factsStep`. */
export function readFacts(answer: Answer): HostFacts {
  const [distributionId, distributionVersion, distribution] = answer.one("distribution").map(text);
  return {
    architecture: text(answer.maybe("architecture")),
    distribution: distribution ?? distributionId,
    distributionId,
    distributionVersion,
    libc: text(answer.maybe("libc")),
    cores: number(answer.maybe("cores")),
    memoryMb: number(answer.maybe("memory")),
    sudo: text(answer.maybe("sudo")) !== undefined,
  };
}

function text(field: string | undefined): string | undefined {
  return field || undefined;
}

function number(field: string | undefined): number | undefined {
  return field !== undefined && /^\d+$/.test(field) ? Number(field) : undefined;
}
