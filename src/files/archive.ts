import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LocalFile } from "./folder.js";

/**
 * Contents as a tar archive, each under its sha256 as its name: whatever a file is called, the host unpacks only such names,
 * and equal contents travel once. Throws where a file is not any more what it was.
 */
export function* archiveOf(folder: string, files: readonly LocalFile[]): Generator<Buffer> {
  for (const { path, sha256 } of files) {
    const content = readFileSync(join(folder, path));
    if (createHash("sha256").update(content).digest("hex") !== sha256) throw new Error(`${path} in ${folder} was changed meanwhile`);
    yield header(sha256, content.length);
    yield content;
    yield Buffer.alloc(-content.length & (block - 1));
  }
  yield Buffer.alloc(2 * block);
}

const block = 512;

/** The header of a regular file (POSIX ustar): root's, mode 0600, without a time. */
function header(name: string, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  const fields: [number, string][] = [[0, name], [100, "0000600"], [108, "0000000"], [116, "0000000"], [124, octal(size, 11)], [136, octal(0, 11)], [148, "        "], [156, "0"], [257, "ustar"], [263, "00"]];
  for (const [offset, text] of fields) bytes.write(text, offset, "latin1");
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${octal(sum, 6)}\0 `, 148, "latin1");
  return bytes;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
