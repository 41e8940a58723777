import type { JailState } from "./fleet.js";

/** Mark of each state, so that no state is shown by its colour alone. */
export const stateMarks: Record<JailState, string> = {
  unreachable: "?",
  failed: "✗",
  unfinished: "✗",
  drifted: "≠",
  waiting: "…",
  warns: "✓",
  well: "✓",
};

/** Name of each state. */
export const stateWords: Record<JailState, string> = {
  unreachable: "unreachable",
  failed: "failed",
  unfinished: "unfinished",
  drifted: "drifted",
  waiting: "not reached yet",
  warns: "warned",
  well: "well",
};

/** Meaning of each state, in one line. */
export const stateMeanings: Record<JailState, string> = {
  unreachable: "the host could not be read",
  failed: "a check, the audit or a deployment failed",
  unfinished: "parts of the jail are missing",
  drifted: "it differs from its declaration",
  waiting: "the last rollout stopped before it reached this host",
  warns: "all is well, and something has a warning",
  well: "all is well",
};

/** Formats a time as an age ("3 h ago"), or as a date after 60 days. */
export function ago(time: string, now: Date): string {
  const minutes = Math.round((now.getTime() - Date.parse(time)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 90) return `${minutes} min ago`;
  const hours = Math.round(minutes / 60);
  if (hours < 36) return `${hours} h ago`;
  const days = Math.round(hours / 24);
  return days <= 60 ? `${days} d ago` : time.slice(0, 10);
}
