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
readlink /proc/self/ns/pid >"$work/pid-namespace"
echo $$ >"$work/pid"

# phase, give_up, fetch, keep_pip, finish_tree, keep_build.
# shellcheck source=src/remote/python-build/making.sh
. "$work/making.sh"
trap 'code=$?; echo "$code" >"$work/exit.new" && mv -f "$work/exit.new" "$work/exit"' EXIT
trap 'exit 143' TERM HUP INT

archive=$cache/sources/$sha256
if [ ! -f "$archive" ]; then
	phase download
	# shellcheck disable=SC2094 # removed once it is open
	{
		# It is open, and nobody else needs it: its addresses may hold secrets.
		rm -f "$work/urls"
		while read -r url; do
			echo "from $(shown_address "$url")"
			fetch "$url" "$work/archive" || continue
			got=$(sha256sum "$work/archive" | cut -d ' ' -f 1)
			if [ "$got" = "$sha256" ]; then
				mv -f "$work/archive" "$archive"
				break
			fi
			echo "its sha256 is $got, not $sha256"
			rm -f "$work/archive"
			wrong=yes
		done
	} <"$work/urls"
	if [ ! -f "$archive" ]; then
		rm -f "$work/archive"
		[ -z "${wrong:-}" ] || give_up wrong-sha256 "the archive does not have the declared sha256"
		give_up download "the source could not be downloaded"
	fi
fi
rm -f "$work/urls"

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

# The place of the build is nobody's concern, and the same build made elsewhere is to be the same.
here=$(printf '%s' "$work/source" | sed 's/[.[*^$|\\]/\\&/g')
find "$work"/root/lib*/python* \( -name '_sysconfigdata*.py' -o -path '*/config-*/Makefile' \) -exec sed -i "s|$here|/usr/src/python|g" {} +
sed -n 's/^configure: WARNING: unrecognized options: //p' "$work/log" >"$work/unrecognized"
keep_pip "$work/source/Lib"
cd "$work"
rm -rf "$work/source" "$work/recipe.sh" "$work/install.log"
finish_tree "$include"
keep_build
rm -f "$work/making.sh" "$work/trim.sh" "$work/modules.py"
find "$cache/work" -mindepth 1 -maxdepth 1 -type d -mtime +14 -exec rm -rf {} +
