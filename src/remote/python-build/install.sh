# install.sh ($jail $records $cache $key "$@"): puts a finished build into the jail. The installed python works on until
# the new one is complete beside it. One rename switches python: that of its directory if X.Y stays the same
# (layout.sh), else that of bin/python3. Removes last what was installed before and is not in the new build.
# uses: confine.sh disk.sh exchange.sh jail.sh manifest-part.sh manifest.sh others.sh python-build/cache.sh python-build/layout.sh python-build/left.sh python-build/python.sh refuse-mounted.sh remove-paths.sh staging.sh walk.sh

staging_name=$staging_name.python
open_jail
open_cache "$cache" "$key"
# Leave an earlier build that failed. It may be in another cache, which a confined step cannot write.
if [ -s "$records/build" ] && [ "$(cat "$records/build")" != "$work" ]; then
	(leave_build "$(cat "$records/build")")
	rm -f "$records/build"
fi
change_jail
open_manifest python
[ -d "$build" ] || fail no-build "the finished build is not in the host's cache any more" "run the same command again"
if ! is_whole "$build/root" "$build/manifest"; then
	throw_away "$build"
	answer damaged yes
	return 0
fi
if [ -f "$build/unrecognized" ]; then
	while read -r warning; do warn "configure does not know: $warning"; done <"$build/unrecognized"
fi
# Check that the modules import, with the build's own library on the host. The jail's shared libraries are installed
# later.
lacking=
for module; do
	# Start in the build's directory: Python searches the current directory first, and files in the jail may be
	# anybody's.
	(cd "$build/root" && exec env -i PATH="$PATH" PYTHONHOME="$build/root" PYTHONDONTWRITEBYTECODE=1 bin/python3 -S -c 'import importlib, sys; importlib.import_module(sys.argv[1])' "$module" >/dev/null 2>&1) || lacking="$lacking $module"
done
if [ -n "$lacking" ]; then
	answer lacking "${lacking# }"
	return 0
fi

have_mb=$(free_mb "$jail")
need_mb=$(($(du -sk "$build/root" | cut -f 1) / 1024 + 10))
if [ "$have_mb" -lt "$need_mb" ]; then
	fail disk-full "the jail's disk has $have_mb MB free, python needs $need_mb MB" "make room; nothing in the jail was changed"
fi
manifest_in_jail <"$build/manifest" >"$lists/tree"
tree_entries <"$lists/tree" >"$lists/wanted"
sed -n 's/^d - //p' "$lists/tree" | grep -E '^[^/]+/python[^/]*$' >"$lists/exchanged" || :
{
	cat "$lists/exchanged"
	# Leave out the directories that python shares with others: `bin`, `lib`.
	awk -F "$tab" '$1 != "dir" { print $4 }' "$lists/wanted"
	list_gone "$lists/wanted"
} | refuse_mounted
recover_library
make_staging
mkdir "$staging/new" "$staging/old"
if ! cp -R -P -p "$build/root/." "$staging/new" || ! apply_layout "$staging/new" "$lists/tree" || ! is_whole "$staging/new" "$lists/tree"; then
	remove_staging
	# A resource of another jail may just be replacing the build.
	if [ ! -d "$build" ] || ! is_whole "$build/root" "$build/manifest"; then
		answer damaged yes
		return 0
	fi
	fail copy "python could not be copied whole into the jail" "check that its disk is not full, then run the same command again; nothing in use was changed"
fi
# Keep packages and other unmanaged files of the library in a new library of the same X.Y.
while read -r directory; do
	to_jail
	if [ -d "./$directory" ] && [ ! -L "./$directory" ]; then carry_unmanaged "$directory" "$staging_name/new/$directory" "$directory"; fi
done <"$lists/exchanged"

intend "$lists/wanted"

# place PATH: renames one path of the new tree into the jail.
place() {
	place_directory=${1%/*}
	place_name=${1##*/}
	go_in_jail "$place_directory"
	if [ -d "$staging/new/$1" ] && [ ! -L "$staging/new/$1" ]; then
		mkdir -p "$staging/old/$place_directory"
		exchange_in "$place_name" "$staging/new/$1" "$staging/old/$1"
		# Keep unmanaged files that were added since.
		if [ ! -L "$staging/old/$1" ]; then carry_unmanaged "$staging_name/old/$1" "$1" "$1"; fi
	elif [ "$(readlink "./$place_name" 2>/dev/null)" != "$(readlink "$staging/new/$1")" ] || [ ! -L "$staging/new/$1" ]; then
		if [ -d "./$place_name" ] && [ ! -L "./$place_name" ]; then
			refuse_mounted_here "$place_name"
			mkdir -p "$staging/old/$place_directory"
			mv -T -- "./$place_name" "$staging/old/$1"
		fi
		put "$staging/new/$1" "$place_name"
	fi
	to_jail
}

# Python's own directories are exchanged as a whole; in the directories that it shares, each file is replaced.
(cd "$staging/new" && find . -mindepth 1 -type d \( -path './*/python*' -prune -o -print \)) | sed 's|^\./||' | while read -r directory; do
	to_jail
	make_directories "$directory"
done
apply_layout_in_jail "$lists/tree"
# Replace the library first and the programs last, `python3` after all others: then it always finds a complete library.
(cd "$staging/new" && find . -mindepth 2 \( -type d -path './*/python*' -prune -print \) -o ! -type d -print) | sed 's|^\./||' | awk '{ print (/^bin\/python3?$/ ? 3 : /^bin\// ? 2 : /^lib[^\/]*\/python/ ? 0 : 1), $0 }' | sort | cut -d ' ' -f 2- >"$lists/order"
while read -r path; do place "$path"; done <"$lists/order"

# Remove what an older build installed and this one does not have, after programs that started with it have loaded it.
list_gone "$lists/wanted" >"$lists/gone"
await_programs "$lists/gone"
remove_paths <"$lists/gone"
remove_staging
{
	printf 'key %s\nbuild %s\n' "$key" "$build_name"
	sed 's/^/version /' "$build/version"
	sed 's/^/missing /' "$build/missing"
} >"$lists/facts"
record_manifest "$lists/wanted" "$lists/facts"
# Mark the build as used. Do not create it: a file of its name would be in the way of the next build.
touch -c "$build"
leave_build "$work"
rm -f "$records/build"
answer_python
