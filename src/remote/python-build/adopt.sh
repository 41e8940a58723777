# adopt.sh ($cache $key $sha256 $file $version $include $trim $modules_py $again): takes over an uploaded archive as a
# build, if it is the declared one (and of $version, if given). The archive is one that `pack.sh` made, or one of
# python-build-standalone (`install_only`), which is then finished like a build. $include: the parts that are not left
# out. $trim, $modules_py: the texts of the programs for that. $again: `yes` replaces a build that is there.
# uses: disk.sh python-build/cache.sh python-build/making.sh vis.sh

open_cache "$cache" "$key"
# Remove what interrupted steps left.
find "$cache/work" -mindepth 1 -maxdepth 1 -name 'adopted.*' -mmin +1440 -exec rm -rf {} +
if [ -d "$build" ] && [ "$again" != yes ]; then
	rm -f "$file"
	answer build "$build_name"
	return 0
fi
refuse_other "$file" "$sha256" "of the build" ": nothing of it was unpacked"

work=$cache/work/adopted.$$
rm -rf "$work"
mkdir -m 0700 "$work"
# give_back CODE REASON REMEDY: removes the archive and everything of it, and ends the step.
give_back() {
	rm -rf "$work"
	rm -f "$file"
	fail "$1" "$2" "$3"
}
damaged() {
	give_back archive "the archive of the build $1" "give one that this tool made, or python-build-standalone's install_only"
}
# not_unpacked WHAT: refuses an archive that could not be unpacked, or ends the step if the disk is full.
not_unpacked() {
	left_mb=$(free_mb "$cache")
	if [ "$left_mb" -lt 5 ]; then
		rm -rf "$work"
		fail disk-full "the disk of $cache is full ($left_mb MB free)" "make room, or give another place in \`directories.cache\`; nothing in the jail was changed"
	fi
	damaged "$1"
}
gzip -dc "$file" >"$work/archive.tar" || not_unpacked "is no gzip file"
tar -t -f "$work/archive.tar" >"$work/names" || damaged "is no tar file"
if grep -q -e '^/' -e '^\.\./' -e '/\.\./' -e '/\.\.$' "$work/names"; then damaged "leads out of itself"; fi
mkdir "$work/new"
tar -x -o -f "$work/archive.tar" -C "$work/new" || not_unpacked "cannot be unpacked: a link in it leads out of it, or it is cut short"
rm -f "$work/archive.tar" "$work/names"
if [ -n "$(find "$work/new" -name '*[[:cntrl:]]*' | head -n 1)" ]; then damaged "has a name with a control character"; fi
# Every symlink must lead into the same tree: `..` only at its beginning, and no higher than the tree's top.
strange=$(cd "$work/new" && find . -type l -exec sh -c 'for link; do printf "%s\t%s\n" "$link" "$(readlink "$link")"; done' sh {} + | awk -F "$tab" '
	{ to = $2; ups = 0; while (sub(/^\.\.(\/+|$)/, "", to)) ups++ }
	NF != 2 || to ~ /^\// || to ~ /(^|\/)\.\.(\/|$)/ || ups > gsub(/\//, "/", $1) - 2 { print $2; exit }
')
if [ -n "$strange" ]; then damaged "has a link that leads out of it: $(one_line "$strange")"; fi
if [ -n "$(find "$work/new" \( -perm -4000 -o -perm -2000 -o ! \( -type f -o -type d -o -type l \) \) | head -n 1)" ]; then damaged "holds setuid programs or devices"; fi
chmod -R go-w "$work/new" 2>/dev/null || :
# right_version FILE: refuses the archive if the version in a file is not the declared one.
right_version() {
	if [ -z "$version" ] || [ "$version" = "$(cat "$1")" ]; then return 0; fi
	give_back other-version "the archive of the build holds Python $(one_line "$(cat "$1")"), not $version" "correct \`version\` or \`artifact\`"
}

if [ -d "$work/new/root" ] && [ -f "$work/new/manifest" ]; then
	made_for=$(sed -n "s/^platform$tab//p" "$work/new/origin" 2>/dev/null || :)
	if [ -n "$made_for" ] && [ "$made_for" != "$(platform)" ]; then
		give_back other-platform "the build was made for $made_for, and this host is $(platform)" "give one for this platform (groups and hosts can have an \`artifact\` of their own)"
	fi
	for part in "$work"/new/* "$work"/new/.[!.]*; do
		case ${part##*/} in
		root) if [ ! -d "$part" ] || [ -L "$part" ]; then damaged "has no folder root"; fi ;;
		manifest | missing | version | unrecognized | origin | log.gz | pip.whl) if [ ! -f "$part" ] || [ -L "$part" ]; then damaged "has a ${part##*/} that is no file"; fi ;;
		'*' | '.[!.]*') ;;
		*) damaged "holds what no build has: $(one_line "${part##*/}")" ;;
		esac
	done
	for part in missing version; do
		if [ ! -f "$work/new/$part" ] || grep -qv '^[A-Za-z0-9_][A-Za-z0-9_.+-]*$' "$work/new/$part"; then damaged "has no $part, or one that is none"; fi
	done
	right_version "$work/new/version"
	# The manifest decides later which files are ours to remove. So it must name each path of the tree and no other.
	list_tree "$work/new/root" | sort >"$work/tree"
	sort "$work/new/manifest" | cmp -s - "$work/tree" || damaged "holds other files than it says"
	mv "$work/new" "$build.new.$$"
	throw_away "$build"
	# Another step may have put the same build there meanwhile: keep that one.
	if ! mv -T -- "$build.new.$$" "$build"; then
		rm -rf "$build.new.$$"
		[ -d "$build" ] || give_back archive "the build could not be put into the cache" "see the last lines, and what $build is"
	fi
	prune_builds
elif [ -e "$work/new/python/bin/python3" ]; then
	mv "$work/new/python" "$work/root"
	: >"$work/unrecognized"
	printf '%s' "$trim" >"$work/trim.sh"
	printf '%s' "$modules_py" >"$work/modules.py"
	write_origin "$work/origin" archive "$sha256" ""
	for library in "$work"/root/lib/python3*; do keep_pip "$library"; done
	# `set -e` has no effect in a command that is tested by `if`, so this one is not.
	set +e
	(
		set -e
		finish_tree "$(list_words "$include")"
		right_version "$work/version"
		keep_build
	)
	finished=$?
	set -e
	if [ "$finished" != 0 ]; then
		reason=$(cut -f 2 "$work/reason" 2>/dev/null || :)
		give_back archive "the archive of the build does not become one: ${reason:-see the last lines}" "is it made for this host's architecture and libc ($(platform))?"
	fi
else
	damaged "holds no build"
fi
rm -rf "$work"
rm -f "$file"
answer build "$build_name"
