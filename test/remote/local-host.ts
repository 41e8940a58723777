import { appendFile, readFile, writeFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { HostInSession } from "../../src/remote/run-step.js";
import { Session } from "../../src/remote/session.js";
import type { TargetInputs } from "../../src/remote/target-inputs.js";
import { Target, type TargetKind } from "../../src/remote/target.js";
import type { Hosts } from "../../src/ssh/pool.js";
import type { LateProgram, ProgramResult, Transport } from "../../src/ssh/transport.js";
import { runTextHere, type StepSurroundings } from "./run-step.js";

/** The text of a program, for a host whose login has ended. */
export const textOf = async (program: string | LateProgram): Promise<string> =>
  typeof program === "string" ? program : program(Promise.resolve());

/** This machine as a host. Needs root. */
export class LocalHost implements Transport {
  /** Without a name, steps get no logical host. */
  constructor(
    private readonly surroundings?: StepSurroundings,
    readonly name = "",
  ) {}

  using<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  async shell(
    _step: string,
    program: string | LateProgram,
    timeoutSeconds: number | (() => number),
    command?: string,
  ): Promise<ProgramResult> {
    const text = await textOf(program);
    const seconds = typeof timeoutSeconds === "number" ? timeoutSeconds : timeoutSeconds();
    const { exitCode, stdout, stderr } = await runTextHere(
      text,
      { ...this.surroundings, timeout: seconds * 1000 },
      command,
    );
    return { exitCode, stdout, stderr };
  }

  upload(
    _step: string,
    path: string,
    content: () => Readable,
    _timeoutSeconds: number,
    { append = false } = {},
  ): Promise<void> {
    return (append ? appendFile : writeFile)(path, content());
  }

  async download(_step: string, path: string, from: number, bytes: number, file: string): Promise<void> {
    await appendFile(file, (await readFile(path)).subarray(from, from + bytes));
  }
}

/** A host in its own session. */
export const inSession = (host: Transport): HostInSession => ({ host, session: new Session() });

/** Hosts of a session that are all this machine. */
class LocalHosts implements Hosts {
  constructor(private readonly surroundings?: StepSurroundings) {}

  at(name: string): LocalHost {
    return new LocalHost(this.surroundings, name);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  closeNow(): void {}
}

/** The session that all targets of a test file share, as those of one provider do. */
const shared = new Session(new LocalHosts());

/** A session whose hosts are all this machine, with these options. */
class LocalSession extends Session {
  constructor(surroundings?: StepSurroundings) {
    super(new LocalHosts(surroundings));
  }

  override part<T>(Part: new () => T): T {
    return shared.part(Part);
  }
}

/** A jail or another target on this machine. `name`: the logical host; without it, steps get none. */
export function localTarget(
  kind: TargetKind,
  { name = "", path, state, cache }: { name?: string | undefined; path: string; state: string; cache: string },
  surroundings?: StepSurroundings,
): Target {
  const inputs: TargetInputs = {
    host: name,
    connection: { host: "localhost" },
    path,
    directories: { state, cache },
    timeouts: { build: 60 },
  };
  return new Target(kind, inputs, new LocalSession(surroundings));
}
