import pLimit, { type LimitFunction } from "p-limit";

/** Work by key, one piece at a time for each, in the order in which it was asked for. */
export class KeyedMutex {
  private readonly limits = new Map<string, LimitFunction>();

  /** Runs the work when all that was asked for before, for this key, is done or has failed. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    let limit = this.limits.get(key);
    if (!limit) this.limits.set(key, (limit = pLimit(1)));
    return limit(work);
  }
}
