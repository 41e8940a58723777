# recipe.sh CACHE WORK BUILD SHA256 JOBS INCLUDE FLAG...: builds CPython on the host, by itself, and puts the result into the
# cache. INCLUDE: what of it is not left out (trim.sh).
# It runs detached: nobody may be there to hear it, so all it has to say goes to files in WORK.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
TZ=UTC
export PATH LC_ALL TZ
umask 022
cache=$1 work=$2 build=$3 sha256=$4 jobs=$5 include=$6
shift 6
echo $$ >"$work/pid"

phase() {
	printf '%s\n' "$1" >>"$work/phases"
	echo "== $1"
}
give_up() {
	printf '%s\t%s\n' "$1" "$2" >"$work/reason"
	exit 1
}
trap 'code=$?; echo "$code" >"$work/exit.new" && mv -f "$work/exit.new" "$work/exit"' EXIT
trap 'exit 143' TERM HUP INT

fetch() {
	if command -v curl >/dev/null; then
		curl --fail --silent --show-error --location --connect-timeout 20 --speed-time 60 --speed-limit 1000 --retry 2 --output "$2" -- "$1"
	else
		wget -q -T 60 -t 2 -O "$2" -- "$1"
	fi
}

archive=$cache/sources/$sha256
if [ ! -f "$archive" ]; then
	phase download
	while read -r url; do
		echo "from $url"
		fetch "$url" "$work/archive" || continue
		got=$(sha256sum "$work/archive" | cut -d ' ' -f 1)
		if [ "$got" = "$sha256" ]; then
			mv -f "$work/archive" "$archive"
			break
		fi
		echo "its sha256 is $got, not $sha256"
		wrong=yes
	done <"$work/urls"
	if [ ! -f "$archive" ]; then
		rm -f "$work/archive"
		[ -z "${wrong:-}" ] || give_up wrong-sha256 "the archive does not have the declared sha256"
		give_up download "the source could not be downloaded"
	fi
fi

# Also where it was there: whatever lies in the cache is built only if it is what was declared.
if [ "$(sha256sum "$archive" | cut -d ' ' -f 1)" != "$sha256" ]; then
	rm -f "$archive"
	give_up wrong-sha256 "the archive in the cache did not have the declared sha256: it was removed"
fi
phase unpack
mkdir "$work/source"
case $(head -c 2 "$archive" | od -An -tx1 | tr -d ' \n') in
1f8b) gzip -dc "$archive" ;;
fd37) xz -dc "$archive" ;;
*) cat "$archive" ;;
esac | tar -x -f - -C "$work/source" --strip-components=1 || give_up archive "the archive could not be unpacked: it is damaged, or the disk is full"
[ -x "$work/source/configure" ] || give_up archive "the archive holds no CPython (no configure at its top)"
cd "$work/source"
# What the compiler writes into the interpreter as the time of the build: the time of the release.
SOURCE_DATE_EPOCH=$(stat -c %Y configure)
export SOURCE_DATE_EPOCH
# Small modules that nearly every program imports become a part of the interpreter: no file each to find, map and link at
# every start. How each is built stands in the source's own list, commented out.
built_in='_bisect|_csv|_datetime|_heapq|_json|_pickle|_posixsubprocess|_random|_statistics|_struct|array|fcntl|math|select'
if [ -f Modules/Setup ]; then sed -n -E "s/^#(($built_in)[[:space:]].*)/\\1/p" Modules/Setup >Modules/Setup.local; fi

phase configure
# Each folder by its name: what older releases derive from the prefix is "//lib", which their setup.py takes for the host's
# own /lib, DESTDIR or not.
./configure --prefix=/ --bindir=/bin --libdir=/lib --includedir=/include --datarootdir=/share "$@" || give_up configure "configure failed"

phase make
# How many files will be compiled, for the progress: what make says it would do.
case " $* " in
*" --enable-optimizations "*) ;;
*) make -n 2>/dev/null | grep -c -- ' -c ' >"$work/total" || : ;;
esac
make -j "$jobs" || give_up make "make failed"
case " $* " in
*" --enable-optimizations "*)
	# A test that fails does no harm to the training that it is; but without a profile this is another Python than was asked for.
	[ -n "$(find . \( -name '*.gcda' -o -name '*.profclangd' \) | head -n 1)" ] || give_up make "the training left no profile: its tests did not run"
	;;
esac

phase install
# It would compile the library three times over, with the place where it lies now: --help ends that at once (as far as a
# release heeds this variable).
make install DESTDIR="$work/root" COMPILEALL_OPTS=--help >"$work/install.log" 2>&1 || {
	tail -n 30 "$work/install.log"
	give_up install "make install failed"
}

phase trim
sh "$work/trim.sh" "$work/root" "$include" || give_up trim "the tree could not be trimmed"
# The place of the build is nobody's concern, and the same build made elsewhere is to be the same.
here=$(printf '%s' "$work/source" | sed 's/[.[*^$|\\]/\\&/g')
find "$work"/root/lib*/python* \( -name '_sysconfigdata*.py' -o -path '*/config-*/Makefile' \) -exec sed -i "s|$here|/usr/src/python|g" {} +

phase compile
# Ahead: in the jail nobody may write. Only the level that is used; by themselves whole and right, whatever becomes of the
# sources' times; in one order and from one seed, so that they come out the same every time.
find "$work/root" -type d -name __pycache__ -prune -exec rm -rf {} +
(
	cd "$work/root"
	env -i PATH="$PATH" PYTHONHOME="$work/root" PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 bin/python3 -S -m compileall -q -f --invalidation-mode unchecked-hash -x '/(tests?|idle_test)/' -p / lib*/python*
) || give_up compile "the library could not be compiled"

phase check
# Runs where it was built, as the host's program; -S and an empty environment keep the host's own packages out.
env -i PATH="$PATH" PYTHONHOME="$work/root" PYTHONDONTWRITEBYTECODE=1 "$work/root/bin/python3" -S "$work/modules.py" >"$work/missing" ||
	give_up check "the new python does not run"
env -i PYTHONHOME="$work/root" "$work/root/bin/python3" -S -c 'import sys; print(".".join(map(str, sys.version_info[:3])))' >"$work/version"
sed -n 's/^configure: WARNING: unrecognized options: //p' "$work/log" >"$work/unrecognized"
# Lines `f SHA256 PATH`, `l TARGET PATH`, `d - PATH`; the names in a CPython have no white space.
(
	cd "$work/root"
	find . -mindepth 1 -type d | sed 's|^\./|d - |'
	find . -type l | while read -r link; do printf 'l %s %s\n' "$(readlink "$link")" "${link#./}"; done
	find . -type f -exec sha256sum {} + | sed 's|^\([0-9a-f]*\)  \./|f \1 |'
) | sort -k 3 >"$work/manifest"
# The pip that came with the source, for whoever installs packages into the jail; the jail itself gets none.
kept=
for wheel in "$work"/source/Lib/ensurepip/_bundled/pip-*.whl; do
	if [ -f "$wheel" ]; then cp "$wheel" "$work/pip.whl" && kept=$work/pip.whl; fi
done
cd "$work"
rm -rf "$work/source" "$work/recipe.sh" "$work/trim.sh" "$work/modules.py" "$work/urls" "$work/install.log"
gzip -c "$work/log" >"$work/log.gz"
# In the cache only when whole.
mkdir "$build.new.$$"
mv "$work/root" "$work/manifest" "$work/missing" "$work/version" "$work/unrecognized" "$work/log.gz" ${kept:+"$kept"} "$build.new.$$/"
mv "$build.new.$$" "$build"

# The newest builds stay for the next jail or a way back, with their logs; older ones go.
find "$cache/builds" -mindepth 1 -maxdepth 1 -type d -exec stat -c '%Y %n' {} + | sort -rn | tail -n +6 | cut -d ' ' -f 2- | while read -r old; do rm -rf "$old"; done
find "$cache/work" -mindepth 1 -maxdepth 1 -type d -mtime +14 -exec rm -rf {} +
