import pLimit from "p-limit";
import { HostError } from "../base/errors.js";
import { KeyedMutex } from "../base/keyed-mutex.js";
import { SingleFlight } from "../base/single-flight.js";
import type { Target } from "../remote/target.js";

/** The archives of builds that one session moves. */
class Transfers {
  /** Transfers at a time, over all hosts. */
  readonly semaphore = pLimit(8);
  /** Archives that arrive in the cache of a host: once each, however many jails wait for it. */
  readonly arrivals = new SingleFlight<void>();
  /** An archive has one place in a host's cache: jails that keep different things of it come one after another. */
  readonly places = new KeyedMutex();
}

/** How often a transfer that was cut off is resumed. */
const attempts = 5;

/** Moves bytes when it is this transfer's turn. */
export function transfer(jail: Target, move: () => Promise<void>): Promise<void> {
  return jail.session.part(Transfers).semaphore(move);
}

/** Has an archive arrive in a host's cache, as the build of a key. */
export function arrival(
  jail: Target,
  sha256: string,
  key: string,
  anew: boolean,
  arrive: () => Promise<void>,
): Promise<void> {
  const { arrivals, places } = jail.session.part(Transfers);
  const place = [jail.host.name, jail.cache, sha256];
  return arrivals.join(JSON.stringify([...place, key, anew]), () => places.run(JSON.stringify(place), arrive));
}

/** Tries again where the connection was lost: what has arrived is kept, at either end. */
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
