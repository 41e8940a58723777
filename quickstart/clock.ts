import { duration } from "./screen.js";

/** Measures how long each phase takes. */
export class Clock {
  private readonly phases: string[] = [];

  async time<T>(phase: string, run: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await run();
    this.phases.push(`${phase} ${duration(performance.now() - started)}`);
    return result;
  }

  toString(): string {
    return this.phases.join(", ");
  }
}
