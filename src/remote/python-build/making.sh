# Functions of those who make a build, from CPython's source or from an archive of one: $work is the folder that it is made in,
# with trim.sh and modules.py in it, and $build the place in the cache for it. What there is to say goes to files in $work.

phase() {
	printf '%s\n' "$1" >>"$work/phases"
	echo "== $1"
}

give_up() {
	printf '%s\t%s\n' "$1" "$2" >"$work/reason"
	exit 1
}

# shown_address URL: without user, password and query, which may be secret.
shown_address() {
	printf '%s\n' "$1" | sed 's|^\([a-z]*://\)[^/?#]*@|\1|; s|[?#].*||'
}

# The most that is downloaded of one file, in blocks of 512 bytes: 2 GB. A server that never ends must not fill the disk.
most_fetched=4194304

# fetch URL FILE: downloads, and goes on with what is there of it already.
fetch() {
	if (
		ulimit -f "$most_fetched"
		fetch_bounded "$@"
	); then return 0; fi
	if [ -n "$(find "$2" -size "+$((most_fetched - 1))" 2>/dev/null)" ]; then
		echo "it is longer than 2 GB: given up" >&2
		rm -f "$2"
	fi
	return 1
}

# fetch_bounded URL FILE: s3:// is the work of AWS's own command. The URL may hold a
# password or a token: curl and wget read it from a pipe, as command lines are everybody's to read.
fetch_bounded() {
	case $1 in
	s3://*) aws s3 cp --only-show-errors -- "$1" "$2" ;;
	*)
		if command -v curl >/dev/null; then
			printf '%s\n' "$1" | sed 's|["\\]|\\&|g; s|.*|url = "&"|' |
				curl --config - --globoff --fail --silent --show-error --location --connect-timeout 20 --speed-time 60 --speed-limit 1000 --retry 2 --continue-at - --output "$2"
		elif wget --help 2>&1 | grep -q -e --input-file; then
			printf '%s\n' "$1" | wget -q -c -T 60 -t 2 -O "$2" -i -
		elif [ "$1" = "$(shown_address "$1")" ]; then
			# Busybox's, which may have no limits of time and crash for -T.
			wget -q -c -O "$2" -- "$1"
		else
			echo "this wget cannot be given an address with a login or a query in secret: install curl" >&2
			return 1
		fi
		;;
	esac
}

# keep_pip LIBRARY: the pip that comes with the library, for whoever installs packages into the jail; the jail itself gets none.
keep_pip() {
	for wheel in "$1"/ensurepip/_bundled/pip-*.whl; do
		if [ -f "$wheel" ]; then cp "$wheel" "$work/pip.whl"; fi
	done
}

# finish_tree INCLUDE: makes of $work/root, as it was installed, what goes into jails, with all that is known of it.
finish_tree() {
	phase trim
	sh "$work/trim.sh" "$work/root" "$1" || give_up trim "the tree could not be trimmed"

	phase compile
	# Ahead: in the jail nobody may write. Only the level that is used; by themselves whole and right, whatever becomes of the
	# sources' times; in one order and from one seed, so that they come out the same every time.
	find "$work/root" -type d -name __pycache__ -prune -exec rm -rf {} +
	(
		cd "$work/root" &&
			env -i PATH="$PATH" PYTHONHOME="$work/root" PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1 bin/python3 -S -m compileall -q -f --invalidation-mode unchecked-hash -x '/(tests?|idle_test)/' -p / lib*/python*
	) || give_up compile "the library could not be compiled"

	phase check
	# Runs where it was built, as the host's program; -S and an empty environment keep the host's own packages out.
	env -i PATH="$PATH" PYTHONHOME="$work/root" PYTHONDONTWRITEBYTECODE=1 "$work/root/bin/python3" -S "$work/modules.py" >"$work/missing" ||
		give_up check "the new python does not run"
	env -i PYTHONHOME="$work/root" "$work/root/bin/python3" -S -c 'import sys; print(".".join(map(str, sys.version_info[:3])))' >"$work/version"
	list_tree "$work/root" >"$work/manifest"
}

# list_tree TREE: its manifest: lines `f SHA256 PATH`, `l TARGET PATH`, `d - PATH`; the names in a CPython have no white space.
list_tree() {
	(
		cd "$1" || exit 1
		find . -mindepth 1 -type d | sed 's|^\./|d - |'
		find . -type l | while read -r link; do printf 'l %s %s\n' "$(readlink "$link")" "${link#./}"; done
		find . -type f -exec sha256sum {} + | sed 's|^\([0-9a-f]*\)  \./|f \1 |'
	) | sort -k 3
}

# keep_build: puts what was finished into the cache, only when whole.
keep_build() {
	if [ -f "$work/log" ]; then gzip -c "$work/log" >"$work/log.gz"; fi
	mkdir "$build.new.$$"
	for part in root manifest missing version unrecognized origin log.gz pip.whl; do
		if [ -e "$work/$part" ]; then mv "$work/$part" "$build.new.$$/"; fi
	done
	mv "$build.new.$$" "$build"
	prune_builds
}

# The newest builds stay for the next jail or a way back, with their logs; older ones go.
prune_builds() {
	find "${build%/*}" -mindepth 1 -maxdepth 1 -type d -exec stat -c '%Y %n' {} + | sort -rn | tail -n +6 | cut -d ' ' -f 2- | while read -r old; do rm -rf "$old"; done
}
