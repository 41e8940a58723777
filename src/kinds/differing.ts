import type { Drift } from "../provider/kind.js";
import type { Answer } from "../remote/answer.js";
import { maybe, upTo, type Answers } from "../remote/declaration.js";
import { wholeNumber, oneOf, visPath } from "../remote/fields.js";

/** The texts for the states of a path that differs (compare.sh). */
const inWords: Readonly<Record<string, string>> = {
  missing: "is missing",
  altered: "was altered",
  stale: "is out of date",
  other: "is somebody else's",
  "no-program": "cannot be run any more",
  directory: "is a directory, should be a file",
  "no-directory": "is no directory",
  "no-file": "is no regular file",
  "no-link": "is no symbolic link",
  bent: "has a parent that is no directory",
  read: "could not be read",
  unneeded: "is not wanted any more",
};

/** The lines that `answer_differing` (compare.sh) answers. */
export const differingAnswers: Answers = {
  differs: upTo(5, [visPath(), oneOf("missing", ...Object.keys(inWords))]),
  differing: maybe([wholeNumber]),
};

/**
 * The drift of paths in the jail: the first few paths, and the number of the others, which are called `what`. `own`:
 * texts for states that override the usual ones.
 */
export function differingPaths(answer: Answer, what = "paths", own: Readonly<Record<string, string>> = {}): Drift {
  const drift: Drift = {};
  for (const [path, state] of answer.all("differs", 2)) drift[path] = own[state] ?? inWords[state] ?? state;
  const more = Number(answer.maybe("differing") ?? 0) - Object.keys(drift).length;
  if (more > 0) drift["and more"] = `${more} more ${what}`;
  return drift;
}
