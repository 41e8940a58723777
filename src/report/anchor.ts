import type { JailStatus } from "../status/fleet.js";

/** The anchor of a jail in the page. Its place in the table names it: a host's name may hold what an anchor may not. */
export function idOf(jails: readonly JailStatus[], jail: JailStatus): string {
  return `jail-${jails.indexOf(jail) + 1}`;
}
