import { isFailureCode, type FailureCode } from "../base/failure-codes.js";

/** An array with at least `Least` texts. */
type Texts<Least extends number, Known extends string[] = []> = Known["length"] extends Least
  ? [...Known, ...string[]]
  : Texts<Least, [...Known, string]>;

/** The answer of a step: lines that consist of a name and fields, separated by tabs. */
export class Answer {
  constructor(
    private readonly lines: readonly (readonly string[])[],
    /** The step's standard error. */
    readonly output = "",
    private readonly fault = (reason: string): Error => new Error(reason),
  ) {}

  /** True if the step began to run. */
  get started(): boolean {
    return this.lines.some(([name]) => name === "started");
  }

  /** True if the step ran to its end. */
  get complete(): boolean {
    return this.lines.at(-1)?.[0] === "done";
  }

  /** The failure that the step reported, if any. */
  get failure(): { code: FailureCode; reason: string; remedy: string } | undefined {
    const [fields] = this.all("fail", 3);
    if (!fields) return undefined;
    const [code, reason, remedy] = fields;
    if (!isFailureCode(code)) throw this.refused(`it failed with the unknown code "${code}"`);
    return { code, reason, remedy };
  }

  /** The fields of every line of this name. Throws if a line has fewer than `least` fields. */
  all<Least extends number = 0>(name: string, least?: Least): Texts<Least>[] {
    return this.lines
      .filter((line) => line[0] === name)
      .map((line) => {
        const fields = line.slice(1);
        if (hasAtLeast(fields, least)) return fields;
        throw this.refused(`the remote step gave too few fields of "${name}"`);
      });
  }

  /** The fields of the first line of this name. Throws if there is none, or it has fewer than `least` fields. */
  one<Least extends number = 0>(name: string, least?: Least): Texts<Least> {
    const [fields] = this.all(name, least);
    if (!fields) throw this.refused(`the remote step gave no "${name}"`);
    return fields;
  }

  /** The first field of the first line of this name, or undefined. */
  maybe(name: string): string | undefined {
    return this.all(name)[0]?.[0];
  }

  /**
   * Makes the error for an answer whose lines are valid but do not fit together. For a step on a host, it is a
   * HostError.
   */
  refused(reason: string): Error {
    return this.fault(reason);
  }
}

function hasAtLeast<Least extends number>(fields: string[], least: Least | undefined): fields is Texts<Least> {
  return fields.length >= (least ?? 0);
}

/**
 * Splits an output into the lines of an answer. Lines before `started` are dropped, as a login shell may print its own.
 */
export function linesIn(stdout: string): string[][] {
  const lines = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
  const start = lines.findIndex((line) => line.length === 1 && line[0] === "started");
  return start === -1 ? [] : lines.slice(start);
}

/** Parses an answer without checking its lines against a declaration. */
export function parseAnswer(stdout: string, output = ""): Answer {
  return new Answer(linesIn(stdout), output);
}
