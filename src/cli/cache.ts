import { cachedFiles, parseSize, prune, type CachedFile } from "../local/cache.js";
import { megabytes, plural } from "../base/text.js";
import { defineCommand, jsonOption } from "./command.js";
import { UsageError } from "../base/usage-error.js";
import { tableOf, type TableColumn } from "../base/table.js";
import type { Terminal } from "../base/terminal.js";

export const cacheCommand = defineCommand({
  summary: "shows and prunes this machine's cache of builds and sources",
  usage: ["[OPTION…]", "prune [--limit SIZE] [OPTION…]"],
  about: [
    "Lists this machine's cache: builds of CPython that hosts made for other hosts (`artifacts`: you can declare each as `python.artifact`, by its address and sha256), archives of CPython's source (`sources`) and Python packages (`wheels`). A file that is removed is built or fetched again when it is needed.",
    "`prune` removes the least recently used files until the rest takes no more than SIZE (4GB, 500M, 0). Default: PYTHON3JAIL_CACHE_LIMIT, or 4GB. Every file that is fetched prunes the cache to this default too.",
  ],
  options: { limit: { type: "string", value: "SIZE", help: "size to which the cache is reduced" }, json: jsonOption },
  operands: ["prune"],
  closing: [],
  run: (values, [action], terminal) => showOrPrune(values, action, terminal),
});

function showOrPrune(
  values: { limit?: string; json: boolean },
  action: string | undefined,
  terminal: Terminal,
): number {
  if (values.limit !== undefined && action === undefined) throw new UsageError("--limit belongs to prune");
  const limit = values.limit === undefined ? undefined : parseSize(values.limit);
  if (values.limit !== undefined && limit === undefined) throw new UsageError("--limit must be a size: 4GB, 500M or 0");

  const files = action === "prune" ? prune(limit) : cachedFiles();
  if (values.json)
    terminal.write(
      `${JSON.stringify(
        files.map(({ used, ...file }) => ({ ...file, used: new Date(used).toISOString() })),
        null,
        2,
      )}\n`,
    );
  else write(files, action === "prune" ? "removed" : "in the cache", terminal);
  return 0;
}

const columns: readonly TableColumn[] = [
  { title: "KIND", leaves: 1 },
  { title: "SIZE" },
  { title: "USED", leaves: 2 },
  { title: "NAME" },
];

function write(files: readonly CachedFile[], what: string, { write, paint, room }: Terminal): void {
  const { rows } = tableOf(
    columns,
    files.map(({ kind, bytes, used, name }) => [
      kind,
      megabytes(bytes).padStart(9),
      new Date(used).toISOString().slice(0, 10),
      name,
    ]),
    room,
  );
  for (const [index, { kind, sha256, path }] of files.entries()) {
    write(`${rows[index]}\n`);
    if (kind === "artifacts") write(`${" ".repeat(11)}${paint("dim", `sha256 ${sha256}\n${" ".repeat(11)}${path}`)}\n`);
  }
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  write(`${plural(files.length, "file")} ${what}, ${megabytes(total)}\n`);
}
