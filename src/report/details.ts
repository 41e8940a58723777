import type { JailStatus } from "../status/fleet.js";
import { plural } from "../base/text.js";
import { html, type Html, type Part } from "./html.js";
import { marked } from "./problems.js";
import { badge } from "./badge.js";
import { duration, moment, size } from "./formats.js";

/** All that is known of a jail. */
export function details(jail: JailStatus): Html {
  return html`<div class="details">${problems(jail)}${check(jail)}${audit(jail)}${python(jail)}${libraries(jail)}${packages(jail)}${files(jail)}${safeexec(jail)}${host(jail)}${command(jail)}${log(jail)}</div>`;
}

/** A heading with facts below it; nothing where none is known. */
function facts(title: string, known: readonly (readonly [string, Part])[], ...more: Part[]): Html {
  const told = known.filter(([, value]) => value !== undefined && value !== "" && value !== false);
  if (told.length === 0 && more.every((part) => part === undefined || part === false)) return html``;
  return html`<div class="facts"><h3>${title}</h3>${told.length > 0 && html`<dl>${told.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`}${more}</div>`;
}

const code = (text: string | undefined): Html | undefined =>
  text === undefined ? undefined : html`<code>${text}</code>`;

/** The audit's warnings are told with the audit. */
function problems({ problems: own }: JailStatus): Html {
  const all = own.filter(({ state, resource }) => state !== "warns" || !resource.startsWith("JailAudit "));
  if (all.length === 0) return html``;
  return html`<div class="facts full"><h3>What there is to say</h3><ul class="said">${all.map(({ state, resource, text, remedy }) => html`<li>${badge(state)} <span><b>${resource}</b> ${text} <span class="remedy">${marked(remedy)}</span></span></li>`)}</ul></div>`;
}

function check({ check: known, madeInSeconds, changed }: JailStatus): Html {
  return facts("Check", [
    ["print(1+1)", known?.printed],
    ["through", known?.via],
    ["by the clock", known?.elapsedSeconds === undefined ? undefined : `${known.elapsedSeconds} s`],
    ["processor", known?.cpuSeconds === undefined ? undefined : `${known.cpuSeconds} s`],
    ["memory", known?.memoryKb === undefined ? undefined : size(known.memoryKb)],
    ["last changed", changed === undefined ? undefined : moment(changed)],
    ["first made in", madeInSeconds === undefined ? undefined : duration(madeInSeconds)],
  ]);
}

const signs: Record<string, string> = { fail: "✗ fail", warn: "! warn", "not-applicable": "n/a" };

function audit({ audit: known }: JailStatus): Html {
  if (!known) return html``;
  const few = known.findings.length === 0;
  return html`<div class="facts${!few && " two"}"><h3>Audit</h3><p>${known.summary ?? "not known"}${known.via !== undefined && `, through ${known.via}`}</p>${
    !few &&
    html`<ul class="findings">${known.findings.map(
      ({ check: name, result, evidence, title, remedy, accepted }) =>
        html`<li><b>${name}</b> <span class="tag ${accepted === undefined ? result : "accepted"}">${accepted === undefined ? (signs[result] ?? result) : "accepted"}</span><br>${evidence}${title !== undefined && html`<br><span class="quiet">should be: ${title}</span>`}${accepted !== undefined ? html`<br><span class="quiet">accepted: ${accepted}</span>` : remedy !== undefined && result !== "not-applicable" && html`<br><span class="remedy">${marked(remedy)}</span>`}</li>`,
    )}</ul>`
  }</div>`;
}

function python({ python: known }: JailStatus): Html {
  return facts("Python", [
    ["version", known?.version],
    ["build", code(known?.build)],
    ["digest", code(known?.digest)],
    ["modules left out", known?.missingModules.join(", ")],
  ]);
}

function libraries({ libraries: known, live }: JailStatus): Html {
  const names = Object.entries(live?.libraries ?? {});
  return facts(
    "Libraries",
    [
      ["C library", known?.libc],
      ["how many", known?.count],
      ["digest", code(known?.digest)],
      ["loader", code(known?.loader)],
      ["older than the host’s", known?.stale.join(", ")],
      ["found by tracing", known?.traced.join(", ")],
    ],
    names.length > 0 &&
      html`<ul class="names">${names.map(([place, digest]) => html`<li title="${place}">${place.split("/").at(-1)} <code>${digest}</code></li>`)}</ul>`,
  );
}

function packages({ packages: known }: JailStatus): Html {
  const all = Object.entries(known ?? {});
  return facts(
    "Packages",
    [],
    all.length > 0 &&
      html`<ul class="names">${all.map(([name, version]) => html`<li>${name} <code>${version}</code></li>`)}</ul>`,
  );
}

function files({ files: own, system }: JailStatus): Html {
  return facts("Files", [
    ["the site’s", own?.count === undefined ? undefined : plural(own.count, "file")],
    ["digest", code(own?.digest?.slice(0, 16))],
    ["strays", own?.strays.join(", ")],
    ["of the system", system?.files === undefined ? undefined : plural(system.files, "file")],
    ["time zones", system?.zones],
  ]);
}

function safeexec({ safeexec: known }: JailStatus): Html {
  return facts("safeexec", [
    ["program", code(known?.path)],
    ["built from", known?.builtFrom === undefined ? undefined : code(shortened(known.builtFrom))],
    ["digest", code(known?.digest?.slice(0, 16))],
    ["firewall", known && (known.firewall ?? "none of ours")],
  ]);
}

/** "commit 3f2a9c1b…": as much of a digest as people compare. */
function shortened(text: string): string {
  return text.replace(/\b([0-9a-f]{12})[0-9a-f]{20,}\b/g, "$1…");
}

/** Facts that people know under another name, or in another unit. The distribution's parts stand in its name. */
const factsInWords: Readonly<Record<string, (value: string) => [string, string | undefined]>> = {
  memoryMb: (value) => ["memory", size(1024 * Number(value))],
  distributionId: () => ["", undefined],
  distributionVersion: () => ["", undefined],
  sudo: (value) => ["root by sudo", value === "true" ? "yes" : "no"],
};

function host({ host: name, path, stack, hostFacts, live }: JailStatus): Html {
  return facts("Host", [
    ["name", name],
    ["jail", code(path)],
    ["stack", stack],
    ...Object.entries(hostFacts).map(
      ([fact, value]): [string, string | undefined] => factsInWords[fact]?.(value) ?? [fact, value],
    ),
    ["size of the jail", live?.jailKb === undefined ? undefined : size(live.jailKb)],
    ["free beside it", live?.freeKb === undefined ? undefined : size(live.freeKb)],
  ]);
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
