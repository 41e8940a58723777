import { groupProblems, isWell, type JailStatus, type ProblemGroup } from "../status/fleet.js";
import { plural } from "../base/text.js";
import { html, type Html } from "./html.js";
import { anchorOf } from "./anchor.js";
import { badge } from "./badge.js";

const maxHostsShown = 24;

/** The problems of the fleet, each once, with the hosts that have it and what to do. Warnings are folded. */
export function problemCards(jails: readonly JailStatus[]): Html {
  const groups = groupProblems(jails);
  const told = groups.filter(({ state }) => state !== "warns");
  const warnings = groups.filter(({ state }) => state === "warns");
  if (groups.length === 0) return html``;
  const card = (group: ProblemGroup): Html => html`<li class="card">${badge(group.state)}
<div>
<h3><span class="kind">${group.kind}</span> ${group.text}</h3>
<p class="remedy">${marked(group.remedy)}</p>
<ul class="hosts">${group.jails.slice(0, maxHostsShown).map((jail) => html`<li><a href="#${anchorOf(jails, jail)}">${jail.host}</a></li>`)}${group.jails.length > maxHostsShown && html`<li>and ${group.jails.length - maxHostsShown} more</li>`}</ul>
</div></li>`;
  return html`<section aria-labelledby="problems">
<h2 id="problems">${told.every(isWell) ? "Nothing is wrong" : "What is wrong"}</h2>
${told.length > 0 && html`<ul class="cards">${told.map(card)}</ul>`}
${warnings.length > 0 && html`<details class="warnings"><summary>${plural(warnings.length, "warning")}, no error</summary><ul class="cards">${warnings.map(card)}</ul></details>`}
</section>`;
}

/** Converts a text with commands in backquotes to HTML. */
export function marked(text: string): Html {
  return html`${text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
