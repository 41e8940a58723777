import type { Drift } from "../provider/kind.js";
import type { Answer } from "../remote/answer.js";
import { maybe, upTo, type Answers } from "../remote/declaration.js";
import { wholeNumber, oneOf, visPath } from "../remote/fields.js";

const inWords: Readonly<Record<string, string>> = {
  missing: "is missing",
  altered: "was altered",
  stale: "is out of date",
  other: "is somebody else's",
  "no-program": "cannot be run any more",
  folder: "is a folder, should be a file",
  "no-file": "is no regular file",
  bent: "lies behind what is no folder",
  read: "could not be read",
  unneeded: "is not wanted any more",
};

/** What `placed-files.sh` answers of what differs. */
export const placedAnswers: Answers = {
  differs: upTo(5, [visPath(), oneOf("missing", ...Object.keys(inWords))]),
  differing: maybe([wholeNumber]),
};

/** What `placed-files.sh` saw differ, in words: the first few, and how many more. `own`: words for states over these. */
export function placedInWords(answer: Answer, what: string, own: Readonly<Record<string, string>> = {}): Drift {
  const drift: Drift = {};
  for (const [path, state] of answer.all("differs", 2)) drift[path] = own[state] ?? inWords[state] ?? state;
  const more = Number(answer.maybe("differing") ?? 0) - Object.keys(drift).length;
  if (more > 0) drift["and more"] = `${more} more ${what}`;
  return drift;
}
