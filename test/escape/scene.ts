import { execa } from "execa";
import { join } from "node:path";
import type { Value } from "../../src/remote/arguments.js";
import { runStepHere, type StepRun, type StepSurroundings } from "../remote/run-step.js";
import { ScratchJail } from "../remote/scratch-jail.js";
import { quote } from "../../src/ssh/openssh.js";
import type { ChangingStep } from "./changing-steps.js";

/** The user to whom a jail belongs that is not root's; the machine has no such account. */
export const user = "1234";

/** `done`, the code of a refusal, or `ended` where the step came to no end of its own. */
export function resultOf({ answer }: StepRun): string {
  if (answer.failure) return answer.failure.code;
  return answer.complete ? "done" : "ended";
}

export interface SceneSettings {
  /** The number of the user to whom the jail belongs. Default: root's. */
  readonly owner?: string;
  /** The jail's path from the scene's folder. Default: `jail`. */
  readonly place?: string;
  readonly surroundings?: StepSurroundings;
}

/** Uses a jail that a step has something to do in, and in which it is run again and again, each time in a fresh copy. */
export async function withScene<T>(
  changing: ChangingStep,
  { owner = "0", place, surroundings = {} }: SceneSettings,
  use: (scene: Scene) => Promise<T>,
): Promise<T> {
  const jail = await ScratchJail.make(place);
  // Node cannot remove a path that is too long to be named.
  const remove = (): Promise<unknown> => execa("rm", ["-rf", jail.folder]);
  try {
    const values = await changing.prepare(jail, owner);
    const keep =
      'cd "$1"; mkdir prepared; for name in "$2" records cache; do [ ! -e "$name" ] || cp -a --parents "$name" prepared/; done';
    await execa("sh", ["-c", keep, "sh", jail.folder, place ?? "jail"]);
    return await use(new Scene(jail, changing, owner, values, surroundings));
  } finally {
    await remove();
  }
}

export class Scene {
  constructor(
    readonly jail: ScratchJail,
    readonly changing: ChangingStep,
    private readonly owner: string,
    private readonly values: Readonly<Record<string, Value>>,
    private readonly surroundings: StepSurroundings,
  ) {}

  /**
   * Runs the step in a fresh copy, after these shell commands. Its `after` says what it has changed outside: of the canaries, of what the
   * commands put there, and of what they mounted in the jail.
   */
  run({
    before = ":",
    after = ":",
    sharesInode = false,
  }: { before?: string; after?: string; sharesInode?: boolean } = {}): Promise<StepRun> {
    const { jail, changing, owner, values, surroundings } = this;
    return runStepHere(changing.step, jail, values, {
      ...surroundings,
      before: `${fresh(jail, owner, sharesInode)}\n${before}\ncd /\nseen >"$folder/seen.before"\n${changing.host?.(jail) ?? ":"}`,
      after: `${after}\nseen >"$folder/seen.after"; /usr/bin/diff "$folder/seen.before" "$folder/seen.after"`,
    });
  }
}

/** Shell commands that make the jail anew, with canaries outside; and functions for what is to be planted in it. */
function fresh(jail: ScratchJail, owner: string, sharesInode: boolean): string {
  return `
folder=${quote(jail.folder)} j=${quote(jail.path)} o=${quote(join(jail.folder, "outside"))} owner=${owner} n=0
chmod 0711 "$folder"
cd "$folder"
rm -rf "$j" records cache outside
cp -a prepared/. .
[ "$owner" = 0 ] || chown -hR "$owner:$owner" "$j"
stat -c '%d:%i' "$j" >records/inode
mkdir outside outside/directory
echo secret | tee outside/secret outside/setuid >outside/directory/file
chmod 0600 outside/secret
chmod 4755 outside/setuid

own() { for owned; do chown -h "$owner:$owner" "$j/$owned"; done; }
slot() { n=$((n + 1)); s=$o/$n; mkdir "$s"; }
# way PATH: the directories on the way to it.
way() { case $1 in */*) directory "\${1%/*}" ;; esac; }
directory() { [ ! -d "$j/$1" ] || [ -L "$j/$1" ] || return 0; way "$1"; rm -rf "\${j:?}/$1"; mkdir "$j/$1"; own "$1"; }
roots() { find "$s/x" ! -type l -exec chown 0:0 {} + -exec chmod 0700 {} +; }
# file_out PATH: moves a file of the jail to $s/x, root's own; or makes one there.
file_out() {
	slot
	way "$1"
	if [ -e "$j/$1" ] && [ ! -d "$j/$1" ] && [ ! -L "$j/$1" ]; then mv -T "$j/$1" "$s/x"; else rm -rf "\${j:?}/$1"; echo secret >"$s/x"; fi
	roots
}
# directory_out PATH: the same for a directory.
directory_out() {
	slot
	way "$1"
	if [ -d "$j/$1" ] && [ ! -L "$j/$1" ]; then mv -T "$j/$1" "$s/x"; else rm -rf "\${j:?}/$1"; mkdir "$s/x"; fi
	echo secret >"$s/x/victim"
	roots
}
# deep PATH: directories in it whose path no call can name.
deep() {
	python3 -c 'import os, sys
os.chdir(sys.argv[1])
for level in range(45):
    os.mkdir("d" * 100)
    os.chown("d" * 100, int(sys.argv[2]), int(sys.argv[2]))
    os.chdir("d" * 100)
open("file", "w").close()' "$j/$1" "$owner"
}
seen() {
	/usr/bin/find "$o" -printf '%P|%y|%m|%U:%G|%s|%T@|${sharesInode ? "" : "%n|%C@|"}%l\\n' | /usr/bin/sort
	/usr/bin/find "$o" -type f -exec /usr/bin/sha256sum {} + | /usr/bin/sort
	/usr/bin/awk -v j="$j/" 'index($5, j) == 1 { print $3, $4, $5 }' /proc/self/mountinfo
	/usr/bin/awk -v j="$j/" 'index($5, j) == 1 { print $5 }' /proc/self/mountinfo | while read -r mount; do /usr/bin/find "$mount" -printf '%p|%y|%m|%U:%G|%s|%T@\\n' | /usr/bin/sort; done
}`;
}
