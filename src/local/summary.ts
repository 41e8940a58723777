import { plural } from "../base/text.js";
import { digestOfAll, type LocalFile } from "./folder.js";

/** What a summary may take of the state, in bytes: the state has it twice. */
const most = 1200;

/**
 * Files for people to compare in a preview: path to digest, as many as a state may hold. Where there are more, folders stand
 * for what is in them (`"vendor/": "120 files, 3f2a9c1b"`), the largest first, and at last `and more` for all that is left.
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

/** The files and folders that lie directly in a folder, each with all the files that it stands for. */
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

/** About as many bytes as the lines take in the state. */
function sizeOf(lines: Lines): number {
  return [...lines].reduce(
    (sum, [path, inside]) => sum + Buffer.byteLength(path) + (inside[0]?.path === path ? 14 : 28),
    0,
  );
}
