/** Runs at most one piece of work for each key at a time. Callers that ask while it is in flight share its result. */
export class SingleFlight<T> {
  private readonly inFlight = new Map<string, Promise<T>>();

  /** Returns the result of the in-flight work under this key, or starts the work if none is in flight. */
  join(key: string, start: () => Promise<T>): Promise<T> {
    let work = this.inFlight.get(key);
    if (!work) this.inFlight.set(key, (work = start().finally(() => this.inFlight.delete(key))));
    return work;
  }
}
