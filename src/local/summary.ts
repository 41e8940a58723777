import { plural } from "../base/text.js";
import { digestOfAll, type LocalFile } from "./folder.js";

/** Most bytes of a summary. The state holds it twice, with the inputs and the outputs. */
const most = 1200;

/**
 * Returns a short list of files for a preview: path and digest of each. If there are too many files, an entry for a
 * folder replaces those of its files: `"vendor/": "120 files, 3f2a9c1b"`. The folders whose entries take the least room
 * are opened first. An entry `and more` stands for everything that does not fit.
 */
export function summaryOf(files: readonly LocalFile[]): Record<string, string> {
  const lines = linesIn("", files);
  for (;;) {
    const room = most - sizeOf(lines);
    const [smallest] = [...lines]
      .filter(([path]) => path.endsWith("/"))
      .map(([path, inside]) => ({ path, open: linesIn(path, inside), closed: new Map([[path, inside]]) }))
      .map((folder) => ({ ...folder, costs: sizeOf(folder.open) - sizeOf(folder.closed) }))
      .filter(({ costs }) => costs <= room)
      .sort((one, other) => one.costs - other.costs);
    if (!smallest) break;
    lines.delete(smallest.path);
    for (const [path, inside] of smallest.open) lines.set(path, inside);
  }
  const shown = [...lines].sort(([one], [other]) => (one < other ? -1 : 1));
  const more: LocalFile[] = [];
  while (sizeOf(new Map(shown)) > most) {
    const [, inside = []] = shown.pop() ?? [];
    more.push(...inside);
  }
  if (more.length > 0) shown.push(["and more", more]);
  return Object.fromEntries(shown.map(([path, inside]) => [path, textOf(path, inside)]));
}

type Lines = Map<string, LocalFile[]>;

/**
 * Groups files by the entry of a folder that they are in. Keys are the paths of those entries; a folder's ends in `/`.
 */
function linesIn(folder: string, files: readonly LocalFile[]): Lines {
  const lines: Lines = new Map();
  for (const file of files) {
    const end = file.path.indexOf("/", folder.length);
    const name = end === -1 ? file.path : file.path.slice(0, end + 1);
    const inside = lines.get(name);
    if (inside) inside.push(file);
    else lines.set(name, [file]);
  }
  return lines;
}

function textOf(path: string, inside: readonly LocalFile[]): string {
  const [first] = inside;
  if (first?.path === path) return `${first.sha256.slice(0, 8)}${first.program ? " program" : ""}`;
  return `${plural(inside.length, "file")}, ${digestOfAll(inside).slice(0, 8)}`;
}

/** Estimates the bytes that the lines take in the state. */
function sizeOf(lines: Lines): number {
  return [...lines].reduce(
    (sum, [path, inside]) => sum + Buffer.byteLength(path) + (inside[0]?.path === path ? 14 : 28),
    0,
  );
}
