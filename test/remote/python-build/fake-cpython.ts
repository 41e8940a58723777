import { execa } from "execa";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A fake `configure` with what our recipe uses of CPython's. Its own flags: `--with-fail=STAGE`, `--with-wait=FILE`
 * (make waits until the file exists), `--with-judge-if=FILE` (builds the module `judge` only if the file exists).
 */
const configure = `#!/bin/sh
prefix= fail= wait=
: >missing
for flag; do
  case $flag in
  --prefix=*) prefix=\${flag#*=} ;;
  --with-fail=*) fail=\${flag#*=} ;;
  --with-wait=*) wait=\${flag#*=} ;;
  --with-judge-if=*) [ -e "\${flag#*=}" ] || echo judge >>missing ;;
  --with-nonsense) echo "configure: WARNING: unrecognized options: $flag" >&2 ;;
  esac
done
[ "$prefix" = / ] || exit 9
[ "$fail" != configure ] || { echo "configure: error: no acceptable C compiler found" >&2; exit 1; }
echo "$fail" >fail
echo "$wait" >wait
printf '%s\\n' "$@" >flags
`;

const makefile = `all:
	: cc -c one.c
	: cc -c two.c
	sh ./build
	: cc -c three.c
install:
	sh ./put "$(DESTDIR)"
`;

const build = `wait=$(cat wait)
[ -z "$wait" ] || while [ ! -e "$wait" ]; do sleep 0.05; done
[ "$(cat fail)" != make ] || { echo "two.c:1: error: expected ';'" >&2; exit 1; }
`;

/**
 * A fake python. It prints its version, imports all modules but those in its tree's file `missing`, and compiles by
 * copying.
 */
const python = (version: string, short: string): string => `#!/bin/sh
# As Python does with -c and -m, it takes modules from where it is.
case $2 in -[cm]) for module in ssl importlib sysconfig compileall; do [ ! -e "./$module.py" ] || . "./$module.py"; done ;; esac
case $2 in
-c)
  case $3 in
  *version_info*) echo ${version} ;;
  # As a program that starts and imports.
  *starts*) cd "$PYTHONHOME/lib/python${short}" && cat os.py io.py json/decoder.py site-packages/README.txt >/dev/null ;;
  # Whether it has its own library, and wholly.
  *is_whole*)
    library=$PYTHONHOME/lib/python${short}
    [ "$(cksum <"$library/flags")" = "@BUILD@" ] && cat "$library/os.py" "$library/json/decoder.py" "$library/site-packages/README.txt" >/dev/null && echo ${version} ;;
  *) ! grep -qx -e "$4" "$PYTHONHOME/lib/python${short}/missing" ;;
  esac ;;
-m)
  for library; do :; done
  find "$library" -name '*.py' | while read -r file; do
    mkdir -p "\${file%/*}/__pycache__"
    name=\${file##*/}
    cp "$file" "\${file%/*}/__pycache__/\${name%.py}.compiled.pyc"
  done ;;
*) cat "$PYTHONHOME/lib/python${short}/missing" ;;
esac
`;

const put = (short: string): string => `[ "$(cat fail)" != install ] || { echo "install: No space" >&2; exit 1; }
library=$1/lib/python${short}
mkdir -p "$1/bin" "$library/site-packages" "$library/empty" "$library/json" "$library/test" "$library/__pycache__" "$1/lib/pkgconfig" "$1/include/python${short}" "$1/share/man/man1"
sed "s|@BUILD@|$(cksum <flags)|" python >"$1/bin/python${short}"
[ "$(cat fail)" != check ] || printf '#!/bin/sh\\nexit 1\\n' >"$1/bin/python${short}"
chmod 755 "$1/bin/python${short}"
ln -s python${short} "$1/bin/python3"
echo "import nothing" >"$library/os.py"
echo "# once more" >"$library/io.py"
echo "" >"$library/json/decoder.py"
echo "srcdir = '$(pwd)'" >"$library/_sysconfigdata_.py"
echo "by make install" >"$library/__pycache__/os.opt-2.pyc"
echo "ours" >"$library/site-packages/README.txt"
cp missing flags "$library/"
cp Modules/Setup.local "$library/built-in"
echo "def test(): pass" >"$library/test/test_os.py"
echo "prefix=/" >"$1/lib/pkgconfig/python-${short}.pc"
echo "/* ${short} */" >"$1/include/python${short}/Python.h"
echo "man" >"$1/share/man/man1/python${short}.1"
`;

/** A Modules/Setup file whose modules are commented out, as in a release. */
const setup = `# A comment.
#*shared*
#_json _json.c
#math mathmodule.c _math.c -DPy_BUILD_CORE_MODULE # -lm # math library functions, e.g. sin()
#mathematics mathematics.c
#zlib  zlibmodule.c -lz
`;

export interface Archive {
  readonly path: string;
  readonly sha256: string;
}

export const sha256Of = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

/** Makes an archive of a fake CPython of a version, in a folder. */
export async function fakeCpython(folder: string, version: string): Promise<Archive> {
  const short = version.split(".").slice(0, 2).join(".");
  const top = join(folder, `Python-${version}`);
  const files: Record<string, string> = {
    configure,
    Makefile: makefile,
    build,
    python: python(version, short),
    put: put(short),
    "Modules/Setup": setup,
    "Lib/ensurepip/_bundled/pip-24.0-py3-none-any.whl": `pip of ${short}\n`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(top, name)), { recursive: true });
    writeFileSync(join(top, name), text);
  }
  chmodSync(join(top, "configure"), 0o755);
  return pack(folder, `Python-${version}`, `Python-${version}.tgz`);
}

/** Makes an archive of a folder. */
export async function pack(folder: string, name: string, archive: string): Promise<Archive> {
  await execa("tar", [archive.endsWith(".xz") ? "-cJf" : "-czf", archive, name], { cwd: folder });
  rmSync(join(folder, name), { recursive: true });
  const path = join(folder, archive);
  return { path, sha256: sha256Of(path) };
}
