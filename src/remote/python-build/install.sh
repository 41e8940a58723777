# install.sh ($jail $records $cache $key "$@"): puts a finished build into the jail. The one that is there works on until the new one is
# whole beside it. One rename changes python: that of its directory where X.Y stays the same (layout.sh), or else that of bin/python3. What
# was installed before and is not in the new one goes last.
# uses: confine.sh disk.sh exchange.sh jail.sh manifest-part.sh manifest.sh others.sh python-build/cache.sh python-build/layout.sh python-build/left.sh python-build/python.sh refuse-mounted.sh remove-paths.sh staging.sh walk.sh

swap=$swap.python
open_jail
open_cache "$cache" "$key"
# One that failed before another was declared. It may be in another cache, which a confined step cannot write.
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
# Importable, as the host's program with the build's own library; the jail's shared libraries come after this.
lacking=
for module; do
	# From the build's own folder: Python looks for modules where it is before all else, and in the jail they may be anybody's.
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
	# Not the directories that python shares with others: `bin`, `lib`.
	awk -F "$tab" '$1 != "dir" { print $4 }' "$lists/wanted"
	list_gone "$lists/wanted"
} | refuse_mounted
take_back_library
hold_folder
mkdir "$held/new" "$held/old"
if ! cp -R -P -p "$build/root/." "$held/new" || ! lay_out "$held/new" "$lists/tree" || ! is_whole "$held/new" "$lists/tree"; then
	drop_folder
	# Another jail's resource may just be exchanging it for a better one.
	if [ ! -d "$build" ] || ! is_whole "$build/root" "$build/manifest"; then
		answer damaged yes
		return 0
	fi
	fail copy "python could not be copied whole into the jail" "check that its disk is not full, then run the same command again; nothing in use was changed"
fi
# Packages, and whatever others have in the library, are in the new one of the same X.Y too.
while read -r folder; do
	to_jail
	if [ -d "./$folder" ] && [ ! -L "./$folder" ]; then carry_others "$folder" "$swap/new/$folder" "$folder"; fi
done <"$lists/exchanged"

intend "$lists/wanted"

# place PATH: renames one thing of the new tree into place.
place() {
	place_folder=${1%/*}
	place_name=${1##*/}
	go_in_jail "$place_folder"
	if [ -d "$held/new/$1" ] && [ ! -L "$held/new/$1" ]; then
		mkdir -p "$held/old/$place_folder"
		exchange_in "$place_name" "$held/new/$1" "$held/old/$1"
		# What others put there since.
		if [ ! -L "$held/old/$1" ]; then carry_others "$swap/old/$1" "$1" "$1"; fi
	elif [ "$(readlink "./$place_name" 2>/dev/null)" != "$(readlink "$held/new/$1")" ] || [ ! -L "$held/new/$1" ]; then
		if [ -d "./$place_name" ] && [ ! -L "./$place_name" ]; then
			refuse_mounted_here "$place_name"
			mkdir -p "$held/old/$place_folder"
			mv -T -- "./$place_name" "$held/old/$1"
		fi
		put "$held/new/$1" "$place_name"
	fi
	to_jail
}

# Python's own folders are exchanged whole; in the others, which it shares, each file.
(cd "$held/new" && find . -mindepth 1 -type d \( -path './*/python*' -prune -o -print \)) | sed 's|^\./||' | while read -r folder; do
	to_jail
	make_folders "$folder"
done
settle_programs "$lists/tree"
# The library first; the programs last, and of them the name `python3`: it then finds its library whole.
(cd "$held/new" && find . -mindepth 2 \( -type d -path './*/python*' -prune -print \) -o ! -type d -print) | sed 's|^\./||' | awk '{ print (/^bin\/python3?$/ ? 3 : /^bin\// ? 2 : /^lib[^\/]*\/python/ ? 0 : 1), $0 }' | sort | cut -d ' ' -f 2- >"$lists/order"
while read -r path; do place "$path"; done <"$lists/order"

# What an older build put there and this one does not have: once nothing that began with it is still starting.
list_gone "$lists/wanted" >"$lists/gone"
await_programs "$lists/gone"
remove_paths <"$lists/gone"
drop_folder
{
	printf 'key %s\nbuild %s\n' "$key" "$build_name"
	sed 's/^/version /' "$build/version"
	sed 's/^/missing /' "$build/missing"
} >"$lists/facts"
record_manifest "$lists/wanted" "$lists/facts"
# Only one that is still there: a file of its name would be in the way of the next.
touch -c "$build"
leave_build "$work"
rm -f "$records/build"
answer_python
