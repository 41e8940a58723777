import pLimit, { type LimitFunction } from "p-limit";

/** Work that several may ask for at a time: while it is under way, whoever asks for the same gets that. */
export class Underway<T> {
  private readonly running = new Map<string, Promise<T>>();

  /** Joins the work of this name, or starts it. */
  join(name: string, start: () => Promise<T>): Promise<T> {
    let work = this.running.get(name);
    if (!work) this.running.set(name, (work = start().finally(() => this.running.delete(name))));
    return work;
  }
}

/** Work on one thing, of which one piece is done at a time, in the order in which it was asked for. */
export class Turns {
  private readonly limits = new Map<string, LimitFunction>();

  /** Does it when all that was asked for before, on the thing of this name, is done or has failed. */
  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    let limit = this.limits.get(name);
    if (!limit) this.limits.set(name, (limit = pLimit(1)));
    return limit(work);
  }
}
