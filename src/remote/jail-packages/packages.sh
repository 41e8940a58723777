# Make sets of packages in the host's cache, with the build's own pip. Pip runs as root, so it is always the one in the
# host's cache, with the interpreter there, which only root can change. Nothing in the jail is run.
# uses: disk.sh manifest.sh python-build/cache.sh records.sh

# open_packages CACHE KEY BUILD_KEY: sets the paths of a set and of the build that it is for: the installed build, or,
# if the cache has lost it, another one of the same source and flags. $pip is empty if neither is in the cache.
open_packages() {
	open_cache "$1" "$3"
	private_directory "$cache/packages"
	python_is=$(fact_of python build)
	[ -n "$python_is" ] || fail no-python "there is no python in the jail, or not wholly" "let PythonBuild come first (\`dependsOn\`)"
	pip=
	for packages_build in "$cache/builds/$python_is" "$build"; do
		build=$packages_build
		if [ -s "$build/pip.whl" ]; then pip=$build/pip.whl && break; fi
	done
	set=$cache/packages/$2-${build##*/}
}

# begin_set TOKEN: makes the directory in which a set is made, or uses the one that is there.
begin_set() {
	[ -n "$pip" ] || fail no-pip "the host's cache has no build with pip for the jail's python" "run the same command again"
	making=$cache/packages/new.$1
	private_directory "$making"
	mkdir -p "$making/wheels"
	cp "$records/id" "$making/jail"
}

# remove_left_workspaces: removes what interrupted runs for this jail left, and what runs for other jails left a day
# ago.
remove_left_workspaces() {
	for left in "$cache"/packages/new.*; do
		if cmp -s "$left/jail" "$records/id"; then rm -rf "$left"; fi
	done
	find "$cache/packages" -mindepth 1 -maxdepth 1 -name 'new.*' -mmin +1440 -exec rm -rf {} +
}

# build_python ARGUMENT...: runs the build's interpreter, with its own library and without root's packages or Python
# variables. The host's variables for proxies and certificates stay. Runs in the build's directory: Python searches the
# current directory first, and files in the jail may be anybody's.
build_python() (
	cd "$build/root" || exit 1
	for variable in $(env | sed -n 's/^\(PYTHON[A-Z_]*\)=.*/\1/p'); do unset "$variable"; done
	export PYTHONHOME="$build/root" PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 PYTHONHASHSEED=0 TMPDIR="$making"
	export PIP_REQUIRE_VIRTUALENV=0 PIP_ROOT_USER_ACTION=ignore
	exec "$build/root/bin/python3" -s "$@" 3>&-
)

# run_pip ARGUMENT...: runs pip. Its output is in $making/log afterwards.
run_pip() {
	build_python "$pip/pip" "$@" --disable-pip-version-check --no-input --no-cache-dir --progress-bar off >"$making/log" 2>&1
}

# Ends the step if pip failed for a reason that another way of downloading does not solve.
judge_pip() {
	cat "$making/log"
	if grep -q 'DO NOT MATCH THE HASHES' "$making/log"; then
		rm -rf "$making"
		fail wrong-hash "a package that arrived has none of the hashes in \`requirements\`: it was not installed" "compare the file with its origin; if its hashes are right, the index serves something else (\`index\`)"
	fi
	judge_disk
}

judge_disk() {
	if [ "$(free_mb "$cache")" -lt 5 ] || grep -q 'No space left on device' "$making/log"; then
		rm -rf "$making"
		fail disk-full "the disk of $cache is full ($(free_mb "$cache") MB free)" "make room, or give another place in \`directories.cache\`; nothing in the jail was changed"
	fi
}
