import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { worstFirst, type Fleet } from "../status/fleet.js";
import { html, Html } from "./html.js";
import { problemCards } from "./problems.js";
import { fleetTable } from "./table.js";
import { tiles } from "./tiles.js";
import { timeline } from "./timeline.js";
import { symbols } from "./badge.js";
import { day } from "./formats.js";

const asset = (name: string): string => readFileSync(join(__dirname, name), "utf8");
/** The source of an inline script or style, for the page's policy. */
const policySource = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%232563eb'/%3E%3Cpath d='M5 3v10M8 3v10M11 3v10' stroke='white' stroke-width='1.5'/%3E%3C/svg%3E";

/**
 * Makes the report: one HTML page that loads nothing else, so that it can be mailed, archived, or served by any web
 * server. Without JavaScript it shows everything as well. Values from hosts and states are escaped, and the page's
 * policy allows only its own script and style.
 */
export function page(fleet: Fleet, now: Date): string {
  const [style, script] = [asset("style.css"), asset("script.js")];
  const policy = `default-src 'none'; style-src ${policySource(style)}; script-src ${policySource(script)}; img-src data:; base-uri 'none'; form-action 'none'`;
  const jails = worstFirst(fleet.jails);
  const names = fleet.stacks
    .map(({ stack }) => stack)
    .filter((stack) => stack !== "")
    .join(", ");
  const title = `Python jails${names === "" ? "" : ` · ${names}`}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${icon}">
<style>${new Html(style)}</style>
<script>${new Html(script)}</script>
</head>
<body>
${symbols}
<a class="skip" href="#fleet">Skip to the table</a>
<header class="top">
<div>
<h1>${title}</h1>
<p>${sourceLine(fleet, now)}</p>
${fleet.stacks.map(({ stack, stopped }) => stopped !== undefined && html`<p>The last rollout of ${stack} stopped: ${stopped}.</p>`)}
</div>
<button type="button" id="theme" hidden>Theme: automatic</button>
</header>
<main>
${tiles(jails)}
${problemCards(jails)}
${timeline(jails)}
${fleetTable(jails, fleet)}
</main>
<footer class="bottom"><p>Written by <code>python3jail report</code> at ${day(now.toISOString())}. Times are UTC.</p></footer>
</body>
</html>
`.text;
}

/** Says whether the facts come from states or from the hosts, and when they were read. */
function sourceLine({ stacks, readAt }: Fleet, now: Date): string {
  if (readAt !== undefined) return `Every host was read on ${day(readAt)}.`;
  const known = stacks.flatMap(({ stack, time }) =>
    time === undefined ? [] : [`${stacks.length > 1 ? `${stack} ` : ""}${day(time)}`],
  );
  return `From the state${known.length > 0 ? ` of ${known.join(", ")}` : ""}; no host was asked. Read ${day(now.toISOString())}.`;
}
