import type { JailStatus } from "../status/fleet.js";

/**
 * The anchor of a jail in the page. It has the jail's index, as a host's name may contain characters that an anchor
 * must not.
 */
export function anchorOf(jails: readonly JailStatus[], jail: JailStatus): string {
  return `jail-${jails.indexOf(jail) + 1}`;
}
