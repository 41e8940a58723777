import { HostError } from "../base/errors.js";
import type { Answer } from "../remote/answer.js";
import type { Target } from "../remote/target.js";

/**
 * Provides the host's cache with what is to be installed, and installs it from there (the step that does `does`); once more where the cache's was damaged, which
 * the step then throws away. Returns what the step answered, and what `provide` did. Throws HostError.
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
