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
  private readonly last = new Map<string, Promise<unknown>>();

  /** Does it when all that was asked for before, on the thing of this name, is done or has failed. */
  take<T>(name: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.last.get(name) ?? Promise.resolve()).then(work);
    const done = mine.catch(() => undefined).finally(() => {
      if (this.last.get(name) === done) this.last.delete(name);
    });
    this.last.set(name, done);
    return mine;
  }
}
