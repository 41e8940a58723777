import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmdirSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { Failure } from "./failure.js";
import { defaultDirectory, hostDirectoryFor, placesIn, requirePlainPath, type Places } from "./places.js";
import type { Options } from "./command-line.js";
import type { Root } from "./privilege.js";

/** Returns the quickstart's places for some options. Creates nothing; resolves symlinks, as the host follows none. */
export function placesFor({ directory, cache }: Options): Places {
  // npm runs its scripts in the checkout, but a relative path is relative to the user's own directory.
  const from = process.env.INIT_CWD ?? process.cwd();
  const given = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : real(resolve(from, path));
  const own = given(directory) ?? real(defaultDirectory);
  const places = placesIn(own, given(cache), hostDirectoryFor(own));
  requirePlainPath(places.directory);
  requirePlainPath(places.cache);
  return places;
}

/** Makes the folder, which nobody else may read: it holds a key to root. */
export function makeFolder(places: Places): void {
  requireOurs(places);
  makeWithParents(places.directory);
  chmodSync(places.directory, 0o700);
  if (!existsSync(places.mark))
    writeFileSync(places.mark, "Made by `npm run quickstart`, and removed by `npm run quickstart -- --destroy`.\n");
}

/** Makes a folder with its parents, one by one: Node's recursive mkdir does not say why it fails. */
function makeWithParents(folder: string): void {
  if (existsSync(folder)) return;
  makeWithParents(dirname(folder));
  mkdirSync(folder);
}

/** True if nothing more can be written in the folder. The engine keeps its state there, and cannot run without room. */
export function isFull({ directory }: Places): boolean {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize < 256 * 1024;
}

/** Removes the folder with its contents, and the host's part if that lies elsewhere. Root owns parts of it. */
export async function removeFolder(places: Places, root: Root): Promise<void> {
  requireOurs(places);
  const all = [...new Set([places.host, places.directory])];
  const mounted = all.flatMap((one) => mountsIn(readFileSync("/proc/self/mounts", "utf8"), one))[0];
  if (mounted !== undefined)
    throw new Failure(`something is mounted at ${mounted}`, `unmount it (umount ${mounted}), then run this again`);
  await root.run("rm", ["-rf", "--", ...all]);
  if (places.directory === defaultDirectory) removeEmpty(dirname(defaultDirectory));
}

/** Lists the mount points in a folder, from the kernel's list, which writes white space as octal numbers. */
export function mountsIn(mounts: string, folder: string): string[] {
  const plain = (point: string): string =>
    point.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
  const points = mounts.split("\n").map((line) => plain(line.split(" ")[1] ?? ""));
  return points.filter((point) => point === folder || point.startsWith(`${folder}/`));
}

function requireOurs(places: Places): void {
  if (places.directory === defaultDirectory || !existsSync(places.directory) || existsSync(places.mark)) return;
  if (readdirSync(places.directory).length === 0) return;
  throw new Failure(
    `${places.directory} holds files that are not the quickstart's`,
    "let --directory name a new or empty folder",
  );
}

/** Resolves the symlinks of a path whose end may not exist yet. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || dirname(path) === path) throw error;
    return resolve(real(dirname(path)), path.slice(dirname(path).length).replace(/^\//, ""));
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // The directory holds something else of the project.
  }
}
