import { groupProblems, type JailStatus, type ProblemGroup } from "../status/fleet.js";
import { plural } from "../base/text.js";
import { html, type Html } from "./html.js";
import { idOf } from "./anchor.js";
import { badge } from "./badge.js";

const hostsShown = 24;

/** What is wrong, each once, with who has it and what to do. Warnings come folded. */
export function problemCards(jails: readonly JailStatus[]): Html {
  const groups = groupProblems(jails);
  const wrong = groups.filter(({ state }) => state !== "warns");
  const warnings = groups.filter(({ state }) => state === "warns");
  if (groups.length === 0) return html``;
  const card = (group: ProblemGroup): Html => html`<li class="card">${badge(group.state)}
<div>
<h3><span class="kind">${group.kind}</span> ${group.text}</h3>
<p class="remedy">${marked(group.remedy)}</p>
<ul class="hosts">${group.jails.slice(0, hostsShown).map((jail) => html`<li><a href="#${idOf(jails, jail)}">${jail.host}</a></li>`)}${group.jails.length > hostsShown && html`<li>and ${group.jails.length - hostsShown} more</li>`}</ul>
</div></li>`;
  return html`<section aria-labelledby="problems">
<h2 id="problems">${wrong.length > 0 ? "What is wrong" : "Nothing is wrong"}</h2>
${wrong.length > 0 && html`<ul class="cards">${wrong.map(card)}</ul>`}
${warnings.length > 0 && html`<details class="warnings"><summary>${plural(warnings.length, "warning")}, no error</summary><ul class="cards">${warnings.map(card)}</ul></details>`}
</section>`;
}

/** Text whose commands stand between backquotes. */
export function marked(text: string): Html {
  return html`${text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
