import { isWell, type JailStatus } from "../status/fleet.js";
import { stateWords } from "../status/labels.js";
import { cut, plural } from "../base/text.js";
import { html, type Html } from "./html.js";
import { day, hour } from "./formats.js";

/** A period in which jails changed, with a long pause before and after it. */
export interface Wave {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

const maxWaves = 5;
/** The shortest pause between two waves, in milliseconds. */
const minPause = 30 * 60_000;

/**
 * Splits the times at their longest pauses, so that a rollout of ten minutes stays visible beside the month before it.
 */
export function wavesOf(times: readonly number[]): Wave[] {
  const sorted = [...times].sort((one, other) => one - other);
  const pauses = sorted
    .flatMap((time, at) => {
      const before = sorted[at - 1];
      return before === undefined ? [] : [{ at, length: time - before }];
    })
    .filter(({ length }) => length >= minPause)
    .sort((one, other) => other.length - one.length)
    .slice(0, maxWaves - 1);
  const starts = [0, ...pauses.map(({ at }) => at)].sort((one, other) => one - other);
  return starts.flatMap((from, index) => {
    const part = sorted.slice(from, starts[index + 1]);
    const [start, end] = [part[0], part.at(-1)];
    return start === undefined || end === undefined ? [] : [{ start, end, count: part.length }];
  });
}

const left = 110;
const width = 1080;
const top = 26;
const bottom = 40;
/** The space between two waves. */
const gap = 34;
/** The distance between two marks side by side. */
const step = 9;

interface Panel extends Wave {
  readonly x: number;
  readonly width: number;
}

/** Lays out the waves side by side. A wave with more jails is wider, and each is wide enough for its labels. */
function panelsOf(waves: readonly Wave[]): Panel[] {
  const room = width - left - gap * (waves.length - 1) - 10;
  const minWidth = Math.min(120, room / waves.length);
  const all = waves.reduce((sum, { count }) => sum + Math.sqrt(count), 0);
  let x = left;
  return waves.map((wave) => {
    const own = minWidth + ((room - minWidth * waves.length) * Math.sqrt(wave.count)) / all;
    const panel = { ...wave, x, width: own };
    x += own + gap;
    return panel;
  });
}

/** A jail whose last change is known. */
type Dated = JailStatus & { readonly changed: string };

/** The jails of one release or version of Python, by the x position of their column. */
interface Lane {
  readonly name: string;
  readonly count: number;
  readonly columns: ReadonlyMap<number, readonly Dated[]>;
}

/**
 * A chart of when each jail last changed, with a mark for each jail. Lanes are releases, or versions of Python if there
 * are none.
 */
export function timeline(jails: readonly JailStatus[]): Html {
  const dated = jails.filter((jail): jail is Dated => jail.changed !== undefined);
  if (dated.length === 0) return html``;
  const byRelease = dated.some(({ release }) => release !== undefined);
  const laneOf = ({ release, python }: JailStatus): string => (byRelease ? release : python?.version) ?? "other";
  const panels = panelsOf(wavesOf(dated.map(({ changed }) => Date.parse(changed))));
  const names = [...new Set(dated.map(laneOf))].sort((one, other) =>
    new Intl.Collator("en", { numeric: true }).compare(other, one),
  );
  const lanes = names.map((name): Lane => {
    const own = dated.filter((jail) => laneOf(jail) === name);
    const columns = new Map<number, Dated[]>();
    for (const jail of own) {
      const column = columnOf(Date.parse(jail.changed), panels);
      columns.set(column, [...(columns.get(column) ?? []), jail]);
    }
    return { name, count: own.length, columns };
  });
  const highest = Math.max(...lanes.flatMap(({ columns }) => [...columns.values()].map(({ length }) => length)));
  const laneHeight = Math.max(48, Math.min(96, 20 + highest * step));
  const ground = lanes.length * laneHeight;
  const undated = jails.length - dated.length;
  return html`<section aria-labelledby="rollout">
<h2 id="rollout">When each jail last changed</h2>
<div class="scroll" role="group" aria-labelledby="rollout" tabindex="0">
<svg class="timeline" viewBox="0 0 ${width} ${top + ground + bottom}" role="img" aria-label="${`When each of ${plural(dated.length, "jail")} last changed, by ${byRelease ? "release" : "python"}: ${panels.map(({ count, start, end }) => `${count} from ${day(iso(start))} to ${day(iso(end))}`).join("; ")}. The table below has every time.`}">
${panels.map((panel, index) => frame(panel, panels[index + 1], ground))}
${lanes.map((lane, index) => laneMarks(lane, index, laneHeight, Math.min(step, (laneHeight - 16) / highest)))}
</svg>
</div>
<ul class="waves">
${panels.map(({ count, start, end }) => html`<li><b>${plural(count, "jail")}</b> ${period(start, end)}</li>`)}
</ul>
<p class="quiet marks">One mark a jail: a circle where all is well, a square where something is wrong.${undated > 0 && ` ${plural(undated, "jail was", "jails were")} never made, and ${undated === 1 ? "has" : "have"} none.`}</p>
</section>`;
}

/** Formats a period: "24 Nov 2026, 20:15", or "… to …" if it ends in another minute. */
function period(start: number, end: number): string {
  const [from, to] = [day(iso(start)), day(iso(end))];
  return from === to ? from : `${from} to ${to}`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

/** The background of a wave, its times below, and the length of the pause after it. */
function frame(panel: Panel, next: Panel | undefined, height: number): Html {
  const floor = top + height;
  const sameDay = iso(panel.start).slice(0, 10) === iso(panel.end).slice(0, 10);
  const [first, last] = [day(iso(panel.start)), sameDay ? hour(iso(panel.end)) : day(iso(panel.end))];
  const middle = panel.x + panel.width + gap / 2;
  return html`<rect class="ground" x="${panel.x.toFixed(1)}" y="${top}" width="${panel.width.toFixed(1)}" height="${height}" rx="6"/>
<text class="time" x="${(panel.x + panel.width / 2).toFixed(1)}" y="${floor + 17}" text-anchor="middle">${first}</text>
${day(iso(panel.start)) !== day(iso(panel.end)) && html`<text class="time" x="${(panel.x + panel.width / 2).toFixed(1)}" y="${floor + 32}" text-anchor="middle">to ${last}</text>`}
${next && html`<path class="break" d="M${middle.toFixed(1)} ${top}V${floor}"/><text class="time" x="${middle.toFixed(1)}" y="${top - 9}" text-anchor="middle">${pause(next.start - panel.end)}</text>`}`;
}

/** Formats a pause: "11 d". */
function pause(milliseconds: number): string {
  const hours = milliseconds / 3_600_000;
  if (hours < 1.5) return `${Math.round(hours * 60)} min`;
  return hours < 36 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} d`;
}

function laneMarks({ name, count, columns }: Lane, index: number, height: number, unit: number): Html {
  const floor = top + (index + 1) * height;
  const size = unit > 4 ? unit - 1.5 : unit;
  const marks = [...columns].flatMap(([column, jails]) => {
    // Jails with problems come first, at the bottom of the column.
    const ordered = [...jails].sort((one, other) => Number(isWell(one)) - Number(isWell(other)));
    return ordered.map((jail, level) => mark(jail, column, floor - 8 - unit * level, size));
  });
  return html`<text class="lane" x="${left - 12}" y="${floor - height / 2 + 1}" text-anchor="end">${cut(name, 14)}</text>
<text class="time" x="${left - 12}" y="${floor - height / 2 + 16}" text-anchor="end">${plural(count, "jail")}</text>
${index > 0 && html`<path class="between" d="M${left} ${floor - height}H${width - 10}"/>`}
${marks}`;
}

/** The x position of the middle of the column for a time. */
function columnOf(time: number, panels: readonly Panel[]): number {
  const panel = panels.find(({ start, end }) => time >= start && time <= end);
  if (!panel) throw new Error("a change lies in no wave");
  const inner = panel.width - 2 * step;
  const part = panel.end === panel.start ? 0.5 : (time - panel.start) / (panel.end - panel.start);
  return panel.x + step + Math.min(Math.floor((part * inner) / step), Math.floor(inner / step) - 1) * step + step / 2;
}

function mark(jail: Dated, x: number, bottom: number, size: number): Html {
  const label = html`<title>${jail.host}, ${day(jail.changed)}, ${stateWords[jail.state]}</title>`;
  if (isWell(jail))
    return html`<circle class="${jail.state}" cx="${x.toFixed(1)}" cy="${(bottom - size / 2).toFixed(1)}" r="${(size / 2).toFixed(1)}">${label}</circle>`;
  return html`<rect class="${jail.state}" x="${(x - size / 2).toFixed(1)}" y="${(bottom - size).toFixed(1)}" width="${size.toFixed(1)}" height="${size.toFixed(1)}">${label}</rect>`;
}
