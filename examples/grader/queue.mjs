/** Runs at most `atOnce` jobs at a time. At most `longest` others wait, in their order. */
export class Queue {
  #running = 0;
  #waiting = [];

  constructor(atOnce, longest) {
    if (!Number.isInteger(atOnce) || atOnce < 1) throw new Error("AT_ONCE must be a whole number from 1 on");
    this.atOnce = atOnce;
    this.longest = longest;
  }

  /** Runs a job when its turn comes, and returns its result; "full" if too many wait already. */
  async run(job) {
    if (this.#running < this.atOnce) this.#running += 1;
    else if (this.#waiting.length >= this.longest) return "full";
    else await new Promise((resolve) => this.#waiting.push(resolve));
    try {
      return await job();
    } finally {
      // The next job takes over the place of this one.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running -= 1;
    }
  }
}
