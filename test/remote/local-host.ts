import { appendFile, readFile, writeFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { LateProgram, ProgramResult, Transport } from "../../src/ssh/transport.js";
import { runTextHere, type StepSurroundings } from "./run-step.js";

/** The text of a program, for a host that has been logged in to. */
export const textOf = async (program: string | LateProgram): Promise<string> =>
  typeof program === "string" ? program : program(Promise.resolve());

/** This machine as a host. Needs root. */
export class LocalHost implements Transport {
  /** Without a name, steps that run here know none. */
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
