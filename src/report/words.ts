import type { JailState } from "../status/fleet.js";
import { stateMeanings, stateWords } from "../status/words.js";
import { html, type Html } from "./html.js";

const days = new Intl.DateTimeFormat("en-GB", {
  timeZone: "UTC",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const hours = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hour: "2-digit", minute: "2-digit" });

/** "24 Nov 2026, 22:14". */
export function day(time: string): string {
  return days.format(new Date(time));
}

/** "22:14". */
export function hour(time: string): string {
  return hours.format(new Date(time));
}

/** A moment, exact for machines. */
export function moment(time: string): Html {
  return html`<time datetime="${time}">${day(time)}</time>`;
}

/** "42 MB". */
export function size(kb: number): string {
  const units = ["kB", "MB", "GB", "TB"];
  const power = kb < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log(kb) / Math.log(1024)));
  const amount = kb / 1024 ** power;
  return `${amount < 10 && power > 0 ? amount.toFixed(1) : Math.round(amount)} ${units[power]}`;
}

/** "3 min 20 s". */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A sign of its own for each state: nothing is told by its colour alone. Drawn once, used everywhere. */
const shapes: Record<JailState, string> = {
  unreachable: "M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.6M8 12v.2",
  failed: "M5 5l6 6M11 5l-6 6",
  unfinished: "M8 4.5v4M8 11.3v.2",
  drifted: "M4.5 6.5h7M4.5 9.5h7M10 4l-4 8",
  warns: "M4.5 8.5l2.3 2.3 4.7-5",
  well: "M4.5 8.5l2.3 2.3 4.7-5",
};

export const symbols: Html = html`<svg width="0" height="0" class="symbols" aria-hidden="true">${Object.entries(shapes).map(([state, path]) => html`<symbol id="sign-${state}" viewBox="0 0 16 16"><path d="${path}"/></symbol>`)}</svg>`;

export function sign(state: JailState): Html {
  return html`<svg class="sign" aria-hidden="true"><use href="#sign-${state}"/></svg>`;
}

/** A state, as a coloured word with its sign. */
export function badge(state: JailState): Html {
  return html`<span class="badge ${state}" title="${stateMeanings[state]}">${sign(state)}${stateWords[state]}</span>`;
}
