import type { Drift } from "../provider/kind.js";
import type { Answer } from "../remote/answer.js";

/** The paths that `answer_differing` (installed.sh) named, and how many more there are. */
export function differingPaths(answer: Answer): Drift {
  const drift: Drift = {};
  for (const [path, what] of answer.all("differs")) drift[path!] = what === "missing" ? "is missing" : "was altered";
  const more = Number(answer.maybe("differing") ?? 0) - Object.keys(drift).length;
  if (more > 0) drift["and more"] = `${more} more paths`;
  return drift;
}
