import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

/** What belongs to how a folder is kept, not to its content. */
const leftOut = [".git"];

/**
 * Identifies a local folder's content: names, files, which of them are programs, and where links lead. Owners, times and all
 * other permissions do not count. Throws where it cannot be read.
 */
export function digestOfFolder(folder: string): string {
  const hash = createHash("sha256");
  const add = (path: string): void => {
    for (const name of readdirSync(join(folder, path)).sort()) {
      if (leftOut.includes(name)) continue;
      const inside = path === "" ? name : `${path}/${name}`;
      const stat = lstatSync(join(folder, inside));
      const entry = stat.isDirectory()
        ? ["folder"]
        : stat.isSymbolicLink()
          ? ["link", readlinkSync(join(folder, inside))]
          : stat.isFile()
            ? [stat.mode & 0o100 ? "program" : "file", createHash("sha256").update(readFileSync(join(folder, inside))).digest("hex")]
            : undefined;
      if (!entry) throw new Error(`${join(folder, inside)} is no file, folder or link`);
      hash.update(`${JSON.stringify([inside, ...entry])}\n`);
      if (stat.isDirectory()) add(inside);
    }
  };
  add("");
  return hash.digest("hex");
}

/** The folder as a tar archive, its entries named from `./` on. */
export async function tarOfFolder(folder: string): Promise<Buffer> {
  // The second is macOS's: without it files with the attributes of files come along.
  const { stdout } = await execa("tar", [...leftOut.map((name) => `--exclude=${name}`), "-c", "-f", "-", "-C", folder, "."], { encoding: "buffer", env: { COPYFILE_DISABLE: "1" } });
  return Buffer.from(stdout);
}
