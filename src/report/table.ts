import { jailStates, type Fleet, type JailStatus } from "../status/fleet.js";
import { stateWords } from "../status/labels.js";
import { countDifferences, kindColumns, type KindColumn } from "../status/told.js";
import { details } from "./details.js";
import { html, type Html, type Part } from "./html.js";
import { badge } from "./badge.js";
import { moment, size } from "./formats.js";

interface Column {
  readonly title: string;
  /** An explanation of the title, shown as a tooltip. */
  readonly about?: string;
  readonly cell: (jail: JailStatus) => Part;
  /** The key by which the script sorts. Default: the text. */
  readonly order?: (jail: JailStatus) => string | number | undefined;
}

const unknown = html`<span class="none" aria-label="not known">–</span>`;

/** The columns of the table. A column for which no jail has a value is left out. */
function columnsFor(jails: readonly JailStatus[], { stacks }: Fleet): Column[] {
  const columns: (Column | false)[] = [
    { title: "State", cell: ({ state }) => badge(state), order: ({ state }) => jailStates.indexOf(state) },
    stacks.length > 1 && { title: "Stack", cell: ({ stack }) => stack },
    ...kindColumns(jails, "report").map(columnOf),
    {
      title: "Differs",
      about: "How many things differ from what was declared",
      cell: (jail) => countDifferences(jail) || unknown,
      order: countDifferences,
    },
    jails.some(({ live }) => live?.jailKb) && {
      title: "Size",
      cell: ({ live }) => (live?.jailKb === undefined ? unknown : size(live.jailKb)),
      order: ({ live }) => live?.jailKb,
    },
    {
      title: "Changed",
      cell: ({ changed }) => (changed === undefined ? unknown : moment(changed)),
      order: ({ changed }) => (changed === undefined ? undefined : Date.parse(changed)),
    },
  ];
  return columns.filter((column) => column !== false);
}

function columnOf({ title, about, cell, hint, mark, order }: KindColumn): Column {
  const content = (jail: JailStatus): Part => {
    const [text, more, wrong] = [cell(jail), hint(jail), mark(jail)];
    if (text === undefined) return unknown;
    return html`${more === undefined ? text : html`<span title="${more}">${text}</span>`}${wrong !== undefined && html` <span class="tag drifted">${wrong}</span>`}`;
  };
  return { title, ...(about !== undefined && { about }), cell: content, ...(order && { order }) };
}

/** The table of the fleet. A jail has a row with its columns, and one with its details, which the script folds. */
export function fleetTable(jails: readonly JailStatus[], fleet: Fleet): Html {
  const columns = columnsFor(jails, fleet);
  const paths = new Set(jails.flatMap(({ path }) => path ?? []));
  return html`<section aria-labelledby="fleet">
<h2 id="fleet" tabindex="-1">The fleet</h2>
${filters(jails)}
<div class="scroll" role="group" aria-labelledby="fleet" tabindex="0">
<table id="jails">
<caption class="hidden">Every jail, its state and what is known of it</caption>
<thead><tr><th scope="col">Host</th>${columns.map(({ title, about }) => html`<th scope="col"${about !== undefined && html` title="${about}"`}>${title}</th>`)}</tr></thead>
${jails.map((jail, index) => row(jail, `jail-${index + 1}`, columns, paths.size > 1))}
</table>
</div>
<p id="nothing" hidden>No jail matches.</p>
</section>`;
}

function row(jail: JailStatus, id: string, columns: readonly Column[], withPath: boolean): Html {
  const cell = ({ title, cell: content, order }: Column): Html => {
    const by = order?.(jail);
    // On a narrow screen the style shows this title beside each value.
    return html`<td data-title="${title}"${order !== undefined && html` data-order="${by ?? ""}"`}>${content(jail)}</td>`;
  };
  return html`<tbody id="${id}" data-state="${jail.state}" data-python="${jail.python?.version ?? ""}">
<tr class="main"><th scope="row" data-order="${jail.host}"><span class="name">${jail.host}</span>${withPath && jail.path !== undefined && html`<span class="path">${jail.path}</span>`}</th>${columns.map(cell)}</tr>
<tr class="more" id="${id}-more"><td colspan="${columns.length + 1}">${details(jail)}</td></tr>
</tbody>
`;
}

function filters(jails: readonly JailStatus[]): Html {
  const states = jailStates.filter((state) => jails.some((jail) => jail.state === state));
  const pythons = [...new Set(jails.map(({ python }) => python?.version ?? ""))]
    .filter((version) => version !== "")
    .sort();
  return html`<form id="filters" class="filters" role="search" hidden>
<label>Find <input type="search" name="text" placeholder="host, problem, library, package…" autocomplete="off"></label>
<label>State <select name="state"><option value="">all</option><option value="wrong">anything wrong</option>${states.map((state) => html`<option value="${state}">${stateWords[state]}</option>`)}</select></label>
<label>Python <select name="python"><option value="">all</option>${pythons.map((version) => html`<option>${version}</option>`)}</select></label>
<button type="reset">Reset</button>
<button type="button" id="unfold">Open all</button>
<output aria-live="polite"></output>
</form>`;
}
