import type { Fleet, JailStatus } from "../../src/status/fleet.js";
import { fleetIn } from "../../src/status/jails.js";
import { recordedState } from "../status/recorded.js";

export const now = new Date("2026-11-24T22:30:00Z");

/**
 * A fleet of `count` jails. The fourth is unfinished, the eighth has drifted, and the last fifth has another Python
 * since October.
 */
export function sampleFleet(count: number): Fleet {
  const [whole, drifted, unmade] = fleetIn([recordedState()]).jails as [JailStatus, JailStatus, JailStatus];
  const jails = Array.from({ length: count }, (_, index): JailStatus => {
    const host = `judge-${index + 1}`;
    if (index === 3) return { ...unmade, host };
    if (index === 7) return { ...drifted, host };
    const old = index >= count * 0.8;
    const changed = new Date(
      Date.parse(old ? "2026-10-02T09:00:00Z" : "2026-11-24T20:00:00Z") + ((index * 7919) % count) * 2000,
    );
    return {
      ...whole,
      host,
      changed: changed.toISOString(),
      state: "well",
      problems: [],
      packages: { numpy: "2.3.1" },
      hostFacts: {
        architecture: "x86_64",
        distribution: "Debian GNU/Linux 12 (bookworm)",
        distributionId: "debian",
        cores: "4",
        memoryMb: "7936",
        sudo: "false",
      },
      python: { ...whole.python!, version: old ? "3.12.11" : "3.13.5" },
      live: {
        jailKb: 42_000 + index,
        freeKb: 12_000_000,
        libraries: { "lib/x86_64-linux-gnu/libc.so.6": "3f2a9c1b" },
        log: ["gcc -c Modules/_json.c", "done"],
      },
    };
  });
  return { stacks: [{ stack: "prod", time: "2026-11-24T22:15:06Z" }], jails };
}

/** A text that would run a script if the page did not escape it. */
export const attack = `"'></title></style></script><img src=x onerror="window.taken=1"><script>window.taken=1</script>&lt;`;

/** A fleet in which every value from a host, a state or a name is `attack`. */
export function hostileFleet(): Fleet {
  const everywhere = (value: unknown): unknown => {
    if (typeof value === "string") return attack;
    if (Array.isArray(value)) return value.map(everywhere);
    return typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, everywhere(inner)]))
      : value;
  };
  const [jail] = sampleFleet(1).jails as [JailStatus];
  const known = {
    state: "failed",
    changed: jail.changed,
    audit: {
      ...(everywhere(jail.audit) as object),
      findings: [{ check: attack, result: "fail", evidence: attack, title: attack, remedy: attack }],
    },
  };
  const named = {
    drift: { [attack]: { [attack]: attack } },
    packages: { [attack]: attack },
    hostFacts: { [attack]: attack },
    live: { libraries: { [attack]: attack }, log: [attack] },
    release: attack,
  };
  const problems = [{ state: "failed", resource: attack, text: attack, remedy: attack }];
  return {
    stacks: [{ stack: attack }],
    jails: [{ ...(everywhere(jail) as JailStatus), ...named, problems, ...known } as JailStatus],
  };
}
