/** What a person can mend: one line on what is wrong, and one on what to do about it. */
export class Failure extends Error {
  constructor(
    reason: string,
    readonly remedy: string,
  ) {
    super(reason);
  }
}

export function diskFull(place: string): Failure {
  const remedy = "make room (CPython's build takes about 1 GB), then run this again: it goes on where it stopped";
  return new Failure(`the disk is full: nothing more could be written to ${place}`, remedy);
}

/** A full disk is told in many places, always in these words. */
export function tellsOfFullDisk(text: string): boolean {
  return /no space left on device/i.test(text);
}

/** What the system refuses, by its own error codes. */
const refusals: Readonly<Record<string, (place: string) => Failure>> = {
  ENOSPC: diskFull,
  EDQUOT: diskFull,
  EROFS: (place) =>
    new Failure(`${place} is on a file system that cannot be written`, "let `--directory DIR` name a folder that can"),
  EACCES: noRight,
  EPERM: noRight,
};

function noRight(place: string): Failure {
  return new Failure(`you have no right to ${place}`, "run this as the user who ran it first, or as root");
}

/** Any error in a form that fits a person; what nobody foresaw keeps its message, and loses its stack. */
export function failureOf(error: unknown, directory: string): Failure {
  if (error instanceof Failure) return error;
  const { code, path, message } = error as { code?: unknown; path?: unknown; message?: unknown };
  const refusal = typeof code === "string" ? refusals[code] : undefined;
  if (refusal) return refusal(typeof path === "string" ? path : directory);
  const text = typeof message === "string" ? message : String(error);
  // What a command prints comes as its message.
  if (tellsOfFullDisk(text)) return diskFull(directory);
  return new Failure(
    text.split("\n", 1)[0] || "something went wrong",
    "run this again; if it stays so, please report it with the whole output",
  );
}
