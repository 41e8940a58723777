import { execa } from "execa";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { makeHostDirectory } from "../host-temporary.js";
import { dirname, join } from "node:path";
import { sha256Of } from "../python-build/fake-cpython.js";
import type { ScratchJail } from "../scratch-jail.js";
import { writeManifest } from "../manifest.js";

/**
 * A fake python with a fake pip, as far as our steps use them. Its wheels are tar archives. It downloads from
 * the directory `index` beside the build, if that exists, and prints pip's message about a wrong hash.
 */
const python = (version: string): string => `#!/bin/sh
# As Python does with -c and -m, it takes modules from where it is.
case $2 in -[cm]) for module in ssl importlib sysconfig compileall; do [ ! -e "./$module.py" ] || . "./$module.py"; done ;; esac
[ "$1" = -s ] && [ -d "$PYTHONHOME/lib" ] && [ -z "\${PYTHONPATH:-}" ] || exit 9
shift
case $1 in
-c)
  case $2 in
  *sysconfig*) echo lib/python${version}/site-packages ;;
  *)
    shift 3
    printf 'tag\\t%s\\n' cp313-cp313-linux_x86_64 py3-none-any
    number=0
    for marker; do
      case $marker in *win32*) ;; *) printf 'applies\\t%s\\n' "$number" ;; esac
      number=$((number + 1))
    done ;;
  esac ;;
-m)
  for last; do :; done
  find "$last" -name '*.py' | while IFS= read -r source; do
    mkdir -p "\${source%/*}/__pycache__"
    name=\${source##*/}
    (printf 'compiled: ' && cat "$source") >"\${source%/*}/__pycache__/\${name%.py}.pyc"
  done ;;
*/pip.whl/pip)
  command=$2
  shift 2
  while [ $# -gt 0 ]; do
    case $1 in
    --requirement) requirements=$2 ;;
    --find-links) links=$2 ;;
    --target | --dest) target=$2 ;;
    esac
    shift
  done
  while read -r specifier rest; do
    case "$command $rest" in "install "*win32*) continue ;; esac
    name=\${specifier%%==*}
    found=
    [ "$command" = install ] || links=$PYTHONHOME/../index
    for wheel in "$links"/*.whl; do
      own=$(printf '%s\\n' "\${wheel##*/}" | sed 's/-.*//; s/[_.]/-/g' | tr A-Z a-z)
      [ "$own" != "$name" ] || found=$wheel
    done
    [ -n "$found" ] || { echo "ERROR: No matching distribution found for $specifier"; exit 1; }
    if [ "$command" = download ]; then
      case $rest in
      *--hash*) case $rest in *"$(sha256sum <"$found" | cut -c 1-64)"*) ;; *) echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE."; exit 1 ;; esac ;;
      esac
      cp "$found" "$target/"
    else
      tar -x -f "$found" -C "$target" || exit 1
    fi
  done <"$requirements" ;;
*) exit 9 ;;
esac
`;

/** Puts a finished build into a jail's cache, and its library into the jail, as PythonBuild does. */
export function installFakePython(jail: ScratchJail, version: string): string {
  const name = `build-of-${version}`;
  const build = join(jail.folder, "cache", "builds", name);
  mkdirSync(join(build, "root", "bin"), { recursive: true });
  mkdirSync(join(build, "root", "lib"));
  writeFileSync(join(build, "root", "bin", "python3"), python(version), { mode: 0o755 });
  writeFileSync(join(build, "pip.whl"), "pip");
  writeFileSync(join(build, "manifest"), `f ${sha256Of(join(build, "root/bin/python3"))} bin/python3\n`);
  const site = `lib/python${version}/site-packages`;
  mkdirSync(jail.at(site), { recursive: true });
  writeFileSync(join(jail.at(site), "README.txt"), "python's own");
  writeManifest(
    jail.records,
    "python",
    ["key a-key", `build ${name}`],
    [...["lib", dirname(site), site].map((path) => `./${path} type=dir`), `./${site}/README.txt type=file`],
  );
  return build;
}

export interface FakeWheel {
  readonly file: string;
  readonly path: string;
  readonly sha256: string;
}

/** Makes a wheel for the fake pip, of files by path. Adds the metadata that every wheel has. */
export async function fakeWheel(
  folder: string,
  file: string,
  files: Readonly<Record<string, string>>,
): Promise<FakeWheel> {
  const [name, version] = file.split("-");
  const content = makeHostDirectory();
  const all: Record<string, string> = {
    ...files,
    [`${name}-${version}.dist-info/METADATA`]: `Name: ${name}\nVersion: ${version}\n`,
  };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(content, path)), { recursive: true });
    writeFileSync(join(content, path), text);
  }
  mkdirSync(folder, { recursive: true });
  const path = join(folder, file);
  await execa("tar", ["-cf", path, "--mtime=@0", "."], { cwd: content });
  rmSync(content, { recursive: true });
  return { file, path, sha256: sha256Of(path) };
}
