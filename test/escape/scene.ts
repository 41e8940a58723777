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
}

interface Run {
  /** Shell commands that run before the step, in the fresh copy. */
  readonly before?: string;
  /** Shell commands that run after it. */
  readonly after?: string;
  readonly sharesInode?: boolean;
  readonly surroundings?: StepSurroundings;
}

/** Keeps a jail ($2), its records and its cache, and canaries outside of it, as each run is to find them. The empty directories are for plants. */
const keep = `
set -e
cd "$1"
chmod 0711 .
mkdir prepared
for name in "$2" records cache; do [ ! -e "$name" ] || cp -a --parents "$name" prepared/; done
cd prepared
[ "$3" = 0 ] || chown -hR "$3:$3" "$2"
mkdir -p outside/directory $(seq -f outside/%g 20)
echo secret | tee outside/secret outside/setuid >outside/directory/file
chmod 0600 outside/secret
chmod 4755 outside/setuid
`;

/** A jail that a step has something to do in, and in which it is run again and again, each time in a fresh copy. */
export class Scene {
  private constructor(
    readonly jail: ScratchJail,
    readonly changing: ChangingStep,
    private readonly owner: string,
    private readonly values: Readonly<Record<string, Value>>,
  ) {}

  static async make(changing: ChangingStep, { owner = "0", place }: SceneSettings = {}): Promise<Scene> {
    const jail = await ScratchJail.make(place);
    try {
      const values = await changing.prepare(jail, owner);
      await execa("sh", ["-c", keep, "sh", jail.folder, place ?? "jail", owner]);
      return new Scene(jail, changing, owner, values);
    } catch (error) {
      jail.remove();
      throw error;
    }
  }

  remove(): void {
    this.jail.remove();
  }

  /**
   * Runs the step. Its `after` says what it has changed outside: of the canaries, of what the commands `before` put there, and of what they
   * mounted in the jail.
   */
  run({ before = ":", after = ":", sharesInode = false, surroundings }: Run = {}): Promise<StepRun> {
    const { jail, changing, owner, values } = this;
    return runStepHere(changing.step, jail, values, {
      ...surroundings,
      before: `${fresh(jail, owner, sharesInode)}\n${before}\nplanted\ncd /\nseen_before=$(seen)\n${changing.host?.(jail) ?? ":"}`,
      after: `${after}\nseen_after=$(seen)\n[ "$seen_before" = "$seen_after" ] || { printf '%s\\n' "$seen_before" >"$folder/seen.before"; printf '%s\\n' "$seen_after" | /usr/bin/diff "$folder/seen.before" -; }`,
    });
  }
}

/**
 * Shell commands that make the jail anew, with canaries outside; and functions for what is to be planted in it. Each program that they start
 * costs as much as one of the step's, and there are many runs: so what can wait is done once, by `planted`.
 */
function fresh(jail: ScratchJail, owner: string, sharesInode: boolean): string {
  return `
folder=${quote(jail.folder)} j=${quote(jail.path)} o=${quote(join(jail.folder, "outside"))} owner=${owner} n=0 last=
cd "$folder"
rm -rf "$j" records cache outside
cp -a prepared/. .
stat -c '%d:%i' "$j" >records/inode

# own PATH...: gives paths of the jail to its owner; own_last: the same when all is planted.
own() { for owned; do [ "$owner" = 0 ] || chown -h "$owner:$owner" "$j/$owned"; done; }
own_last() { for owned; do last="$last $j/$owned"; done; }
slot() { n=$((n + 1)); s=$o/$n; [ -d "$s" ] || mkdir "$s"; }
# way PATH: the directories on the way to it.
way() { case $1 in */*) directory "\${1%/*}" ;; esac; }
directory() { [ ! -d "$j/$1" ] || [ -L "$j/$1" ] || return 0; way "$1"; clear "$1"; mkdir "$j/$1"; own "$1"; }
clear() { if [ -e "$j/$1" ] || [ -L "$j/$1" ]; then rm -rf "\${j:?}/$1"; fi; }
# file_out PATH: moves a file of the jail to $s/x, root's own; or makes one there.
file_out() {
	slot
	way "$1"
	if [ -e "$j/$1" ] && [ ! -d "$j/$1" ] && [ ! -L "$j/$1" ]; then mv -T "$j/$1" "$s/x"; else clear "$1"; echo secret >"$s/x"; fi
}
# directory_out PATH: the same for a directory.
directory_out() {
	slot
	way "$1"
	if [ -d "$j/$1" ] && [ ! -L "$j/$1" ]; then mv -T "$j/$1" "$s/x"; else clear "$1"; mkdir "$s/x"; fi
	echo secret >"$s/x/victim"
}
# Of what was moved out all is root's.
roots() { find "$o"/[0-9]* -mindepth 1 ! -type l -exec chown 0:0 {} + -exec chmod 0700 {} +; }
planted() {
	if [ "$n" -gt 0 ]; then roots; fi
	if [ -n "$last" ] && [ "$owner" != 0 ]; then chown -h "$owner:$owner" $last; fi
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
# A change of a file's content changes the time of its last change. That is not told where the inode is shared.
seen() {
	/usr/bin/find "$o" -printf '%P|%y|%m|%U:%G|%s|%T@|${sharesInode ? "" : "%n|%C@|"}%l\\n'
	${sharesInode ? `/usr/bin/find "$o" -type f -exec /usr/bin/sha256sum {} +` : ":"}
	/usr/bin/awk -v j="$j/" 'index($5, j) == 1 { print $3, $4, $5 }' /proc/self/mountinfo >"$folder/mounts"
	while read -r device root mount; do
		echo "$device $root $mount"
		/usr/bin/find "$mount" -printf '%p|%y|%m|%U:%G|%s|%T@\\n'
	done <"$folder/mounts"
}`;
}
