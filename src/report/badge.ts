import type { JailState } from "../status/fleet.js";
import { stateMeanings, stateWords } from "../status/labels.js";
import { html, type Html } from "./html.js";

/**
 * The icon of each state, as an SVG path. States differ by icon as well as by colour, for people who cannot tell
 * colours apart.
 */
const shapes: Record<JailState, string> = {
  unreachable: "M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.6M8 12v.2",
  failed: "M5 5l6 6M11 5l-6 6",
  unfinished: "M8 4.5v4M8 11.3v.2",
  drifted: "M4.5 6.5h7M4.5 9.5h7M10 4l-4 8",
  waiting: "M4 8v.2M8 8v.2M12 8v.2",
  warns: "M4.5 8.5l2.3 2.3 4.7-5",
  well: "M4.5 8.5l2.3 2.3 4.7-5",
};

/** The definitions of all icons. The page has them once, and `stateIcon` refers to them. */
export const symbols: Html = html`<svg width="0" height="0" class="symbols" aria-hidden="true">${Object.entries(shapes).map(([state, path]) => html`<symbol id="sign-${state}" viewBox="0 0 16 16"><path d="${path}"/></symbol>`)}</svg>`;

/** The icon of a state. */
export function stateIcon(state: JailState): Html {
  return html`<svg class="sign" aria-hidden="true"><use href="#sign-${state}"/></svg>`;
}

/** A state as a coloured word with its icon. */
export function badge(state: JailState): Html {
  return html`<span class="badge ${state}" title="${stateMeanings[state]}">${stateIcon(state)}${stateWords[state]}</span>`;
}
