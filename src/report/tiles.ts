import { countPythons, countStates, isWell, jailStates, type JailStatus } from "../status/fleet.js";
import { stateMeanings, stateWords } from "../status/labels.js";
import { plural } from "../base/text.js";
import { html, type Html } from "./html.js";
import { stateIcon } from "./badge.js";

/** The summary: the number of jails and hosts, the states, the versions of Python, and the audits. */
export function tiles(jails: readonly JailStatus[]): Html {
  const counts = countStates(jails);
  const hosts = new Set(jails.map(({ host }) => host)).size;
  const wrong = jails.filter((jail) => !isWell(jail)).length;
  const present = jailStates.filter((state) => counts[state] > 0);
  const stale = jails.filter(({ libraries }) => (libraries?.stale.length ?? 0) > 0).length;
  return html`<section aria-labelledby="summary">
<h2 id="summary" class="hidden">Summary</h2>
<div class="tiles">
<div class="tile wide">
<p class="lead"><b>${wrong === 0 ? "All is well" : `${wrong} of ${jails.length}`}</b> ${wrong === 0 ? "" : wrong === 1 ? "jail needs attention" : "jails need attention"}</p>
${share(
  present.map((state) => ({ kind: state, count: counts[state] })),
  jails.length,
)}
<ul class="legend">${present.map((state) => html`<li><a href="#fleet" data-filter="state" data-value="${state}" class="${state}" title="${stateMeanings[state]}">${stateIcon(state)}<b>${counts[state]}</b> ${stateWords[state]}</a></li>`)}</ul>
</div>
<div class="tile">
<p class="lead"><b>${jails.length}</b> ${jails.length === 1 ? "jail" : "jails"}</p>
<p>on ${plural(hosts, "host")}</p>
</div>
<div class="tile">
<h3>Python</h3>
<ul class="bars">${countPythons(jails).map(([version, count]) => html`<li><a href="#fleet" data-filter="python" data-value="${version}">${version}</a>${bar(count, jails.length)}<b>${count}</b></li>`)}</ul>
</div>
<div class="tile">
<h3>Audit</h3>
${auditSummary(jails)}
${stale > 0 && html`<p class="drifted">${plural(stale, "jail has", "jails have")} libraries older than the host’s</p>`}
</div>
</div>
</section>`;
}

/**
 * A bar that is divided by the counts of its parts. It is hidden from screen readers, as the legend has the numbers.
 */
function share(parts: readonly { kind: string; count: number }[], all: number): Html {
  let x = 0;
  return html`<svg class="share" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true">${parts.map(
    ({ kind, count }) => {
      const width = (1000 * count) / Math.max(1, all);
      x += width;
      return html`<rect class="${kind}" x="${(x - width).toFixed(1)}" width="${Math.max(2, width - 2).toFixed(1)}" height="10"/>`;
    },
  )}</svg>`;
}

function bar(count: number, all: number): Html {
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect width="${((100 * count) / Math.max(1, all)).toFixed(1)}" height="8"/></svg>`;
}

function auditSummary(jails: readonly JailStatus[]): Html {
  const audited = jails.filter(({ audit }) => audit?.summary !== undefined);
  if (audited.length === 0) return html`<p>No jail is audited: <code>audit</code> in the stack’s config does it.</p>`;
  const countIn = (state: JailStatus["state"]): number =>
    audited.filter(({ problems }) =>
      problems.some((one) => one.resource.startsWith("JailAudit ") && one.state === state),
    ).length;
  return html`<p class="lead"><b>${audited.length}</b> audited</p><p>${countIn("failed")} with failures, ${countIn("warns")} with warnings</p>`;
}
