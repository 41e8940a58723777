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

/** A time, as text and in the machine-readable form. */
export function moment(time: string): Html {
  return html`<time datetime="${time}">${day(time)}</time>`;
}

/** Formats an amount in kB: "42 MB". */
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
