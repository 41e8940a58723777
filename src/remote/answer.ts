/** So many texts at least. */
type Texts<Least extends number, Known extends string[] = []> = Known["length"] extends Least
  ? [...Known, ...string[]]
  : Texts<Least, [...Known, string]>;

/** What a remote step said: lines of a name and fields, parted by tabs. */
export class Answer {
  constructor(
    private readonly lines: readonly (readonly string[])[],
    /** What its tools printed besides. */
    readonly output = "",
    private readonly fault = (reason: string): Error => new Error(reason),
  ) {}

  /** The step began to run. */
  get started(): boolean {
    return this.lines.some(([name]) => name === "started");
  }

  /** The step came to its end. */
  get complete(): boolean {
    return this.lines.at(-1)?.[0] === "done";
  }

  /** The step ended itself with a reason. */
  get failure(): { code: string; reason: string; remedy: string } | undefined {
    const fields = this.all("fail")[0];
    return fields && { code: fields[0] ?? "failed", reason: fields[1] ?? "it failed", remedy: fields[2] ?? "" };
  }

  /** The fields of every line of this name. Throws where one has fewer than `least`: the two sides disagree. */
  all<Least extends number = 0>(name: string, least?: Least): Texts<Least>[] {
    return this.lines
      .filter((line) => line[0] === name)
      .map((line) => {
        const fields = line.slice(1);
        if (hasAtLeast(fields, least)) return fields;
        throw this.refused(`the remote step gave too few fields of "${name}"`);
      });
  }

  /** The fields of the one line of this name. Throws where there is none, or it has fewer than `least`: the two sides disagree. */
  one<Least extends number = 0>(name: string, least?: Least): Texts<Least> {
    const [fields] = this.all(name, least);
    if (!fields) throw this.refused(`the remote step gave no "${name}"`);
    return fields;
  }

  /** The first field of the line of this name, or undefined. */
  maybe(name: string): string | undefined {
    return this.all(name)[0]?.[0];
  }

  /** An error for an answer that is not what we asked for, though each of its lines may be; of a step on a host, a HostError. */
  refused(reason: string): Error {
    return this.fault(reason);
  }
}

function hasAtLeast<Least extends number>(fields: string[], least: Least | undefined): fields is Texts<Least> {
  return fields.length >= (least ?? 0);
}

/** The lines of an answer. What stands before `started` (a login shell may print things of its own) is dropped. */
export function linesIn(stdout: string): string[][] {
  const lines = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));
  const start = lines.findIndex((line) => line.length === 1 && line[0] === "started");
  return start === -1 ? [] : lines.slice(start);
}

/** An answer whose lines nobody has checked. */
export function parseAnswer(stdout: string, output = ""): Answer {
  return new Answer(linesIn(stdout), output);
}
