/** What a remote step said: lines of a name and fields, parted by tabs. */
export class Answer {
  constructor(
    private readonly lines: readonly (readonly string[])[],
    /** What its tools printed besides. */
    readonly output = "",
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

  /** The fields of every line of this name. */
  all(name: string): string[][] {
    return this.lines.filter((line) => line[0] === name).map((line) => line.slice(1));
  }

  /** The fields of the one line of this name. Throws where there is none: the two sides disagree. */
  one(name: string): string[] {
    const [fields] = this.all(name);
    if (!fields) throw new Error(`the remote step gave no "${name}"`);
    return fields;
  }

  /** The first field of the line of this name, or undefined. */
  maybe(name: string): string | undefined {
    return this.all(name)[0]?.[0];
  }
}

/** Lines without our form (what a login shell prints of its own) are dropped: only what follows `started` counts. */
export function parseAnswer(stdout: string, output = ""): Answer {
  const lines = stdout.split("\n").filter((line) => line !== "").map((line) => line.split("\t"));
  const start = lines.findIndex(([name]) => name === "started");
  return new Answer(start === -1 ? [] : lines.slice(start), output);
}
