import type { Jail } from "../resources/jail.js";
import type { Host } from "../ssh/host.js";
import type { Answer } from "./answer.js";
import { one, upTo } from "./declaration.js";
import { maybeNumber, said } from "./fields.js";
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

/** The facts, and those that are others at every look. */
export interface Look {
  readonly facts: HostFacts;
  /** Megabytes that are free where a path lies. */
  readonly freeMb: Readonly<Record<string, number>>;
}

export const factsStep = defineStep({
  does: "look what the host is",
  script: "facts/look.sh",
  gets: ["jail", "cache"],
  looks: true,
  answers: {
    architecture: one([said(64)]),
    distribution: one([said(64), said(64), said(120)]),
    libc: one([said(64)]),
    cores: one([maybeNumber]),
    memory: one([maybeNumber]),
    sudo: one([said(64)]),
    disk: upTo(2, [said(4096), maybeNumber]),
  },
});

const looks = new WeakMap<Host, Map<string, Promise<Look>>>();

/** Looks at a jail's host once in the life of this process, however many ask. Throws HostError; a look that failed is none. */
export function lookAtHost(jail: Pick<Jail, "host" | "path" | "cache" | "run">): Promise<Look> {
  const known = looks.get(jail.host) ?? new Map<string, Promise<Look>>();
  looks.set(jail.host, known);
  const key = `${jail.path}\n${jail.cache}`;
  let look = known.get(key);
  if (!look) {
    look = jail.run(factsStep).then(readLook);
    known.set(key, look);
    look.catch(() => known.delete(key));
  }
  return look;
}

/** Reads what `look.sh` tells. */
export function readLook(answer: Answer): Look {
  const [distributionId, distributionVersion, distribution] = answer.one("distribution").map(text);
  const freeMb = answer.all("disk").flatMap(([path = "", free]) => {
    const megabytes = number(free);
    return megabytes === undefined ? [] : [[path, megabytes] as const];
  });
  return {
    facts: {
      architecture: text(answer.maybe("architecture")),
      distribution: distribution ?? distributionId,
      distributionId,
      distributionVersion,
      libc: text(answer.maybe("libc")),
      cores: number(answer.maybe("cores")),
      memoryMb: number(answer.maybe("memory")),
      sudo: text(answer.maybe("sudo")) !== undefined,
    },
    freeMb: Object.fromEntries(freeMb),
  };
}

function text(field: string | undefined): string | undefined {
  return field || undefined;
}

function number(field: string | undefined): number | undefined {
  return field !== undefined && /^\d+$/.test(field) ? Number(field) : undefined;
}
