import { setTimeout as sleep } from "node:timers/promises";
import { ProviderProcess } from "../src/provider/process.js";
import { Session } from "../src/remote/session.js";
import type { Connection } from "../src/ssh/connection.js";
import { HostPool, type Hosts } from "../src/ssh/pool.js";
import type { LateProgram, Transport } from "../src/ssh/transport.js";
import { readLive } from "../src/status/live.js";
import { stateOf } from "../src/status/state.js";
import { Project } from "../test/e2e/engine.js";
import { entryFor, jailPath, sharedBuilds, stackConfig } from "../test/e2e/jail-stack.js";
import type { Host } from "../test/hosts/host.js";
import { HostFleet } from "../test/hosts/host-fleet.js";
import { line, turns } from "./report.js";

/** Measures what one read of an unchanged jail costs its host, and how much is sent for it. */
export async function read(): Promise<void> {
  const fleet = await HostFleet.create();
  let project: Project | undefined;
  try {
    const host = await fleet.addHost({ name: "judge-1", cacheDirectory: sharedBuilds });
    project = await Project.create({ program: "repository", config: stackConfig([entryFor(host)]) });
    await project.up();
    // Two changes within one tick of the clock have the same change time, so the host remembers no answers on a jail
    // that has just changed.
    await sleep(3000);
    const state = stateOf(await project.exportState());
    const first = await programsOf((provider) => readLive(state, provider));
    const quiet = await programsOf((provider) => readLive(state, provider));
    for (const [what, programs, goal] of [
      ["an unchanged jail", quiet, ["≤ 0.04 s", "≤ 16 kB"]],
      ["a jail that must be compared", first, ["", ""]],
    ] as const) {
      const { seconds, started } = await costOf(host, programs);
      line(`one read of ${what}: CPU of its host`, `${seconds.toFixed(3)} s, ${started} programs`, goal[0]);
      line("  sent for it", `${(programs.join("").length / 1000).toFixed(1)} kB`, goal[1]);
    }
    const { seconds } = await costOf(host, [
      `find ${jailPath} -xdev -printf '%p %m %U %G %s %i %C@\\n' | sha256sum >/dev/null\n`,
    ]);
    line("  `find | sha256sum` over the same jail", `${seconds.toFixed(3)} s`, "");
  } finally {
    await project?.remove();
    await fleet.destroy();
  }
}

/** Returns the shell programs that were sent to hosts. */
async function programsOf(run: (provider: ProviderProcess) => Promise<unknown>): Promise<string[]> {
  const hosts = new NotingHosts();
  try {
    await run(new ProviderProcess(new Session(hosts)));
    return hosts.programs;
  } finally {
    await hosts.close();
  }
}

/** Connections to hosts over OpenSSH, which record the programs that they send. */
class NotingHosts implements Hosts {
  readonly programs: string[] = [];
  private readonly pool = new HostPool();
  private readonly noting = new Map<Transport, Transport>();

  at(name: string, connection: Connection): Transport {
    const host = this.pool.at(name, connection);
    const noting = this.noting.get(host) ?? notingPrograms(host, this.programs);
    this.noting.set(host, noting);
    return noting;
  }

  close(name?: string): Promise<void> {
    return this.pool.close(name);
  }

  closeNow(): void {
    this.pool.closeNow();
  }
}

function notingPrograms(host: Transport, programs: string[]): Transport {
  return {
    name: host.name,
    shell(step, program, ...rest) {
      const noted: LateProgram = async (connected) => {
        const text = typeof program === "string" ? program : await program(connected);
        programs.push(text);
        return text;
      };
      return host.shell(step, noted, ...rest);
    },
    upload: (...given) => host.upload(...given),
    download: (...given) => host.download(...given),
    using: (work) => host.using(work),
  };
}

const rounds = 10 * turns;

/** Measures the host's processor seconds for some programs, and counts the processes that they start. */
async function costOf(host: Host, programs: readonly string[]): Promise<{ seconds: number; started: number }> {
  const files = programs.map((_, number) => `/var/tmp/program-${number}`);
  for (const [number, file] of files.entries()) await host.run(`cat >${file}`, { input: programs[number] ?? "" });
  const all = files.map((file) => `sh -s <${file} >/dev/null 2>&1`).join("; ");
  const { stdout: times } = await host.run(
    `sh -c 'round=0; while [ $round -lt ${rounds} ]; do ${all}; round=$((round + 1)); done; times' | tail -n 1`,
  );
  const seconds = [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest),
    0,
  );
  const { stdout: started } = await host.run(
    `strace -f -qq -e trace=execve -o /var/tmp/started sh -c '${all}'; grep -c 'execve(.* = 0' /var/tmp/started; rm -f /var/tmp/started ${files.join(" ")}`,
  );
  return { seconds: seconds / rounds, started: Number(started) };
}
