import type { Transport } from "../ssh/transport.js";
import type { Answer } from "./answer.js";
import { one } from "./declaration.js";
import { maybeNumber, said } from "./fields.js";
import type { Target } from "./target.js";
import { defineStep } from "./step.js";

/** What a host is, as long as nobody rebuilds it; what it does not tell is undefined. */
export interface HostFacts {
  /** Of its programs: `x86_64`, `aarch64`, `i686`… */
  readonly architecture: string | undefined;
  /** For people: `Debian GNU/Linux 12 (bookworm)`. */
  readonly distribution: string | undefined;
  /** `debian`, as its os-release has it. */
  readonly distributionId: string | undefined;
  /** `12`. */
  readonly distributionVersion: string | undefined;
  /** `glibc 2.36` or `musl 1.2.5`. */
  readonly libc: string | undefined;
  /** Processors in use. */
  readonly cores: number | undefined;
  readonly memoryMb: number | undefined;
  /** Whether we are root there by sudo. */
  readonly sudo: boolean;
}

export const factsStep = defineStep({
  does: "look what the host is",
  script: "facts/look.sh",
  gets: [],
  looks: true,
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

/** The facts that one session has read. */
class FactsRead extends WeakMap<Transport, Promise<HostFacts>> {}

/** Reads the facts of a jail's host once a session, however many ask. Throws HostError; a read that failed is none. */
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

/** Reads what `look.sh` tells. */
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
