/** Work by key, each at most once at a time: whoever asks for what is in flight shares its result. */
export class SingleFlight<T> {
  private readonly inFlight = new Map<string, Promise<T>>();

  /** Joins the work of this key, or starts it. */
  join(key: string, start: () => Promise<T>): Promise<T> {
    let work = this.inFlight.get(key);
    if (!work) this.inFlight.set(key, (work = start().finally(() => this.inFlight.delete(key))));
    return work;
  }
}
