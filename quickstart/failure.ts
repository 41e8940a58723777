/** A failure that the user can mend: one line on what is wrong, and one on what to do. */
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

/** The failure for a full disk, which several places report. */
export function tellsOfFullDisk(text: string): boolean {
  return /no space left on device/i.test(text);
}

/** Failures for the system's error codes. */
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

/** Converts any error into a failure for the user. An unforeseen error keeps its message and loses its stack trace. */
export function failureOf(error: unknown, directory: string): Failure {
  if (error instanceof Failure) return error;
  const { code, path, message } = error as { code?: unknown; path?: unknown; message?: unknown };
  const refusal = typeof code === "string" ? refusals[code] : undefined;
  if (refusal) return refusal(typeof path === "string" ? path : directory);
  const text = typeof message === "string" ? message : String(error);
  // The output of a command is in its error's message.
  if (tellsOfFullDisk(text)) return diskFull(directory);
  return new Failure(
    text.split("\n", 1)[0] || "something went wrong",
    "run this again; if it stays so, please report it with the whole output",
  );
}
