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
