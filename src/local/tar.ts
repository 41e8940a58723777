import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalFile } from "./folder.js";

/**
 * Yields the bytes of a tar archive of local files. `nameOf` returns the name of each file in the archive. Throws if a
 * file has changed since it was listed, or if a name is too long for the format.
 */
export function* tarOf(
  folder: string,
  files: readonly LocalFile[],
  nameOf: (file: LocalFile) => string,
): Generator<Buffer> {
  for (const file of files) {
    const content = readFileSync(join(folder, file.path));
    if (createHash("sha256").update(content).digest("hex") !== file.sha256)
      throw new Error(`${file.path} in ${folder} was changed meanwhile`);
    yield header(nameOf(file), content.length, file.program);
    yield content;
    yield Buffer.alloc(-content.length & (block - 1));
  }
  yield Buffer.alloc(2 * block);
}

const block = 512;

/** Returns the header of a regular file (POSIX ustar). The owner is root, the mode 0600 or 0700, and the time 0. */
function header(path: string, size: number, program: boolean): Buffer {
  const bytes = Buffer.alloc(block);
  const [prefix, name] = split(path);
  const fields: [number, string][] = [
    [0, name],
    [345, prefix],
    [100, program ? "0000700" : "0000600"],
    [108, "0000000"],
    [116, "0000000"],
    [124, octal(size, 11)],
    [136, octal(0, 11)],
    [148, "        "],
    [156, "0"],
    [257, "ustar"],
    [263, "00"],
  ];
  for (const [offset, text] of fields) bytes.write(text, offset, "utf8");
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return bytes;
}

/** Splits a path for the header: a prefix of directories with at most 155 bytes, and a name with at most 100 bytes. */
function split(path: string): [prefix: string, name: string] {
  for (let slash = 0; slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const parts: [string, string] = slash === 0 ? ["", path] : [path.slice(0, slash), path.slice(slash + 1)];
    if (Buffer.byteLength(parts[0]) <= 155 && Buffer.byteLength(parts[1]) <= 100) return parts;
  }
  throw new Error(`${path} is too long a path for a tar archive`);
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
