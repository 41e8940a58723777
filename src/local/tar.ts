import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalFile } from "./folder.js";

/**
 * Files of a local folder as a tar archive, under the names that `nameOf` gives them. Throws where a file is not any more what it
 * was, or a name does not fit into the format.
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

/** The header of a regular file (POSIX ustar): root's, for root alone, without a time. */
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

/** A path as the format has it: a name of 100 bytes at most, and folders before it of 155. */
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
