# recipe.sh CACHE WORK BUILD SHA256 JOBS FLAG...: builds CPython on the host, by itself, and puts the result into the cache.
# It runs detached: nobody may be there to hear it, so all it has to say goes to files in WORK.
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
TZ=UTC
export PATH LC_ALL TZ
umask 022
cache=$1 work=$2 build=$3 sha256=$4 jobs=$5
shift 5
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

phase install
make install DESTDIR="$work/root" >"$work/install.log" 2>&1 || {
	tail -n 30 "$work/install.log"
	give_up install "make install failed"
}

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
rm -rf "$work/source" "$work/recipe.sh" "$work/modules.py" "$work/urls" "$work/install.log"
gzip -c "$work/log" >"$work/log.gz"
# In the cache only when whole.
mkdir "$build.new.$$"
mv "$work/root" "$work/manifest" "$work/missing" "$work/version" "$work/unrecognized" "$work/log.gz" ${kept:+"$kept"} "$build.new.$$/"
mv "$build.new.$$" "$build"

# The newest builds stay for the next jail or a way back, with their logs; older ones go.
find "$cache/builds" -mindepth 1 -maxdepth 1 -type d -exec stat -c '%Y %n' {} + | sort -rn | tail -n +6 | cut -d ' ' -f 2- | while read -r old; do rm -rf "$old"; done
find "$cache/work" -mindepth 1 -maxdepth 1 -type d -mtime +14 -exec rm -rf {} +
