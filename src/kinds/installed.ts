import { HostError } from "../base/errors.js";
import type { Answer } from "../remote/answer.js";
import type { Target } from "../remote/target.js";

/**
 * Fills the host's cache (`provide`) and installs from it (`install`, described by `does`). If the cached content was
 * damaged, the step has deleted it, and both run once more. Returns the answer of `install` and the result of
 * `provide`. Throws HostError.
 */
export async function installFromCache<Provided>(
  jail: Target,
  does: string,
  install: () => Promise<Answer>,
  provide: () => Promise<Provided>,
): Promise<{ readonly answer: Answer; readonly provided: Provided }> {
  for (let attempt = 1; attempt <= 2; attempt += 1) {
    const provided = await provide();
    const answer = await install();
    if (answer.maybe("damaged") === undefined) return { answer, provided };
  }
  throw new HostError({
    host: jail.host.name,
    step: does,
    code: "damaged",
    reason: `what was just put into the host's cache (${jail.cache}) is damaged again: nothing of it was installed`,
    remedy: "check that disk, or give another place in `directories.cache`",
  });
}
