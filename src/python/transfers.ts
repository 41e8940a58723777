import pLimit from "p-limit";
import { HostError } from "../base/errors.js";
import { KeyedMutex } from "../base/keyed-mutex.js";
import { SingleFlight } from "../base/single-flight.js";
import type { Target } from "../remote/target.js";

/** The transfers of builds in one session. */
class Transfers {
  /** Limits transfers over all hosts to eight at a time. */
  readonly semaphore = pLimit(8);
  /** The in-flight arrivals in hosts' caches: one of each archive and key, however many jails wait. */
  readonly arrivals = new SingleFlight<void>();
  /**
   * Keyed by host, cache and archive. An archive has one path in a host's cache, so builds of it with different keys
   * take turns.
   */
  readonly mutex = new KeyedMutex();
}

/** How often a transfer is tried. */
const attempts = 5;

/** Runs a transfer when the semaphore allows it. */
export function transfer(jail: Target, move: () => Promise<void>): Promise<void> {
  return jail.session.part(Transfers).semaphore(move);
}

/**
 * Runs `arrive`, which puts an archive into a host's cache as the build of a key. Concurrent calls for the same build
 * share one run.
 */
export function arrival(
  jail: Target,
  sha256: string,
  key: string,
  replace: boolean,
  arrive: () => Promise<void>,
): Promise<void> {
  const { arrivals, mutex } = jail.session.part(Transfers);
  const archive = [jail.host.name, jail.cache, sha256];
  return arrivals.join(JSON.stringify([...archive, key, replace]), () => mutex.run(JSON.stringify(archive), arrive));
}

/** Retries a transfer whose connection was lost. `move` resumes from the bytes that have arrived. */
export async function resuming<T>(move: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await move();
    } catch (error) {
      const dropped = error instanceof HostError && error.code === "connection-lost";
      if (!dropped || attempt === attempts) throw error;
    }
  }
}
