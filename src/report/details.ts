import type { ShownSection, ShownValue } from "../provider/shown.js";
import type { JailStatus } from "../status/fleet.js";
import { kindSections } from "../status/told.js";
import { html, type Html, type Part } from "./html.js";
import { marked } from "./problems.js";
import { badge } from "./badge.js";
import { duration, moment, size } from "./formats.js";

/** The details of a jail, which its second table row shows. */
export function details(jail: JailStatus): Html {
  const sections = sectionsOf(jail);
  const first = sections.filter(({ rank }) => rank < 0);
  const others = sections.filter(({ rank }) => rank >= 0);
  return html`<div class="details">${problems(jail)}${first.map(facts)}${audit(jail)}${others.map(facts)}${command(jail)}${log(jail)}</div>`;
}

interface Section {
  readonly title: string;
  readonly rank: number;
  readonly facts: readonly (readonly [name: string, value: Part])[];
  readonly more: readonly Html[];
}

/** The sections of the kinds and our own, sorted by rank. Sections with the same title are merged. */
function sectionsOf(jail: JailStatus): Section[] {
  const all = [...kindSections(jail).map(inHtml), ...ownSections(jail)];
  const titles = [...new Set(all.map(({ title }) => title))];
  return titles
    .map((title): Section => {
      const parts = all.filter((one) => one.title === title);
      return {
        title,
        rank: Math.min(...parts.map(({ rank }) => rank)),
        facts: parts.flatMap((part) => part.facts),
        more: parts.flatMap(({ more }) => more),
      };
    })
    .sort((one, other) => one.rank - other.rank);
}

function inHtml({ title, rank = 0, facts: known = [], names: listed = [] }: ShownSection): Section {
  const items = listed.map(([name, version]) => html`<li>${name} <code>${version}</code></li>`);
  return { title, rank, facts: known.map(([name, value]) => [name, valueInHtml(value)]), more: names(items) };
}

function valueInHtml(value: ShownValue): Part {
  if (typeof value !== "object") return value;
  if ("code" in value) return code(value.code);
  return value.kb === undefined ? undefined : size(value.kb);
}

const code = (text: string | undefined): Html | undefined =>
  text === undefined ? undefined : html`<code>${text}</code>`;

const names = (items: readonly Html[]): Html[] => (items.length > 0 ? [html`<ul class="names">${items}</ul>`] : []);

/** A heading with facts below it. Empty if no fact is known. */
function facts({ title, facts: all, more }: Section): Html {
  const known = all.filter(([, value]) => value !== undefined && value !== "" && value !== false);
  if (known.length === 0 && more.length === 0) return html``;
  return html`<div class="facts"><h3>${title}</h3>${known.length > 0 && html`<dl>${known.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`}${more}</div>`;
}

/** Sections that no kind makes: times, and facts that only a read of the host has. */
function ownSections(jail: JailStatus): Section[] {
  const { changed, madeInSeconds, live } = jail;
  const libraries = Object.entries(live?.libraries ?? {}).map(
    ([place, digest]) => html`<li title="${place}">${place.split("/").at(-1)} <code>${digest}</code></li>`,
  );
  return [
    {
      title: "Check",
      rank: -1,
      facts: [
        ["last changed", changed === undefined ? undefined : moment(changed)],
        ["first made in", madeInSeconds === undefined ? undefined : duration(madeInSeconds)],
      ],
      more: [],
    },
    { title: "Libraries", rank: 0, facts: [], more: names(libraries) },
    { title: "Host", rank: 0, facts: hostFacts(jail), more: [] },
  ];
}

/** The problems of a jail, without the audit's warnings, which its own section has. */
function problems({ problems: own }: JailStatus): Html {
  const all = own.filter(({ state, resource }) => state !== "warns" || !resource.startsWith("JailAudit "));
  if (all.length === 0) return html``;
  return html`<div class="facts full"><h3>Problems</h3><ul class="said">${all.map(({ state, resource, text, remedy }) => html`<li>${badge(state)} <span><b>${resource}</b> ${text} <span class="remedy">${marked(remedy)}</span></span></li>`)}</ul></div>`;
}

const resultWords: Record<string, string> = { fail: "✗ fail", warn: "! warn", "not-applicable": "n/a" };

function audit({ audit: known }: JailStatus): Html {
  if (!known) return html``;
  const empty = known.findings.length === 0;
  return html`<div class="facts${!empty && " two"}"><h3>Audit</h3><p>${known.summary ?? "not known"}${known.via !== undefined && `, through ${known.via}`}</p>${
    !empty &&
    html`<ul class="findings">${known.findings.map(
      ({ check: name, result, evidence, title, remedy, accepted }) =>
        html`<li><b>${name}</b> <span class="tag ${accepted === undefined ? result : "accepted"}">${accepted === undefined ? (resultWords[result] ?? result) : "accepted"}</span><br>${evidence}${title !== undefined && html`<br><span class="quiet">should be: ${title}</span>`}${accepted !== undefined ? html`<br><span class="quiet">accepted: ${accepted}</span>` : remedy !== undefined && result !== "not-applicable" && html`<br><span class="remedy">${marked(remedy)}</span>`}</li>`,
    )}</ul>`
  }</div>`;
}

/**
 * The names and values under which facts are shown. The parts of the distribution are not shown, as its name contains
 * them.
 */
const shownFacts: Readonly<Record<string, (value: string) => [string, string | undefined]>> = {
  memoryMb: (value) => ["memory", size(1024 * Number(value))],
  distributionId: () => ["", undefined],
  distributionVersion: () => ["", undefined],
  sudo: (value) => ["root by sudo", value === "true" ? "yes" : "no"],
};

function hostFacts({ host: name, path, stack, hostFacts: known = {}, live }: JailStatus): Section["facts"] {
  return [
    ["name", name],
    ["jail", code(path)],
    ["stack", stack],
    ...Object.entries(known).map(
      ([fact, value]): [string, string | undefined] => shownFacts[fact]?.(value) ?? [fact, value],
    ),
    ["size of the jail", live?.jailKb === undefined ? undefined : size(live.jailKb)],
    ["free beside it", live?.freeKb === undefined ? undefined : size(live.freeKb)],
  ];
}

function command({ check: known }: JailStatus): Html {
  return known?.command === undefined
    ? html``
    : html`<div class="facts full"><h3>How a program is run inside, by root on the host</h3><p><code>${known.command} …</code></p></div>`;
}

function log({ python: known, live }: JailStatus): Html {
  if (known?.log === undefined) return html``;
  const where = html`<p>On the host: <code>${known.log}</code></p>`;
  if (!live || live.log.length === 0) return html`<div class="facts"><h3>Build log</h3>${where}</div>`;
  return html`<div class="facts full"><h3>End of the build log</h3><pre tabindex="0" role="group" aria-label="End of the build log">${live.log.join("\n")}</pre>${where}</div>`;
}
