# ensure.sh JAIL RECORDS MODE EXTRA…: puts the libraries into the jail: all staged first, then all renamed into place.
jail=$1 records=$2
shift 2

open_jail
lock_jail
open_libraries
private_directory "$libraries"
look_at_libraries "$@"

# What could be refused is refused before anything is written.
if [ -s "$look/problem" ]; then
	IFS=$tab read -r code reason remedy <"$look/problem"
	fail "$code" "$reason" "$remedy"
fi
if [ -s "$look/unresolved" ]; then
	fail unresolved "$(awk -F "$tab" '{ printf "%s%s (needed by %s)", (NR > 1 ? ", " : ""), $1, $2 }' "$look/unresolved"): not on the host" \
		"install the package that has it on the host, or remove the file that needs it"
fi
while read -r folder; do go_in_jail "$folder" || :; done <"$look/bent"
to_jail
awk -F "$tab" '$3 != "ok" && $3 != "unneeded"' "$look/states" >"$look/copies"
while IFS=$tab read -r place _; do
	if [ -d "./$place" ] && [ ! -L "./$place" ]; then fail folder "$place in the jail is a folder" "see what is in it, and remove it"; fi
done <"$look/copies"

# A program of the jail may name any folder of the host for its libraries: what only root may read stays there.
may_read() {
	readable=$(readlink -f "$1")
	[ -n "$(find "$readable" -prune -perm -0004)" ] || return 1
	while readable=${readable%/*} && [ -n "$readable" ]; do
		[ -n "$(find "$readable" -prune -perm -0001)" ] || return 1
	done
}
while IFS=$tab read -r place source _; do
	case $source in
	/lib*/* | /usr/lib*/*) continue ;;
	esac
	may_read "$source" || fail unreadable "$source is not for everybody to read: it is not copied into the jail" "let all read it, or remove what needs it from the jail"
done <"$look/copies"

if [ ! -s "$look/read" ] && ! grep -qv "${tab}ok\$" "$look/states" && cmp -s "$look/inputs" "$libraries/inputs"; then
	answer_facts
	return 0
fi

drop_folder
if [ -s "$look/copies" ]; then
	hold_folder
	while IFS=$tab read -r place source _; do
		mkdir -p "$held/${place%/*}"
		if ! cp -- "$source" "$held/$place" || ! cmp -s "$source" "$held/$place"; then
			drop_folder
			fail copy "$source could not be copied whole into the jail" "is its disk full, or is the host being updated? Nothing in use was changed"
		fi
	done <"$look/copies"
	find "$held/" -type f -exec chmod 0644 {} +
	sed -n "s|^loader$tab/||p" "$look/about" | while read -r place; do [ ! -f "$held/$place" ] || chmod 0755 "$held/$place"; done

	# Known as ours before it stands there, so that a run cut off here leaves nothing that nobody owns. lib64 is JailRoot's.
	rm -f "$libraries/inputs"
	cut -f 1 "$look/copies" | awk '{ while (sub(/\/[^\/]*$/, "")) if (!seen[$0]++) print }' | while read -r folder; do
		[ "$folder" = lib64 ] || go_in_jail "$folder" || printf '%s\n' "$folder"
	done | cat - "$look/copies" "$([ -f "$libraries/owned" ] && echo "$libraries/owned" || echo /dev/null)" | cut -f 1 | LC_ALL=C sort -u >"$look/owned"
	cp "$look/owned" "$libraries/owned.new"
	mv -f "$libraries/owned.new" "$libraries/owned"

	last=
	while IFS=$tab read -r place _; do
		if [ "${place%/*}" != "$last" ]; then
			to_jail
			last=${place%/*}
			make_folders "$last"
		fi
		put "$held/$place" "${place##*/}"
	done <"$look/copies"
	drop_folder
fi

# What of ours is needed no longer, and folders that are then empty.
[ -f "$libraries/owned" ] || : >"$libraries/owned"
awk -F "$tab" -v gone="$look/gone" '
	pass == 1 { for (path = $1; path != last; sub(/\/[^\/]*$/, "", path)) { wanted[path]; last = path } next }
	{ if ($0 in wanted) print; else print > gone }
' pass=1 "$look/plan" pass=2 "$libraries/owned" >"$look/owned"
if [ -f "$look/gone" ]; then LC_ALL=C sort -r "$look/gone" | remove_paths; fi
cp "$look/owned" "$libraries/owned.new"
mv -f "$libraries/owned.new" "$libraries/owned"

to_jail
cut -f 1 "$look/plan" | sed 's|^|./|' >"$look/read"
stat_paths <"$look/read" >"$look/places"
tr '\n' '\0' <"$look/read" | xargs -0 sha256sum -- >"$look/hashes"
awk -F "$tab" -v OFS="$tab" '
	pass == "sources" { source_stat[$2] = $1; next }
	pass == "places" { place_stat[$2] = $1; next }
	pass == "hashes" { hash[substr($0, 67)] = substr($0, 1, 64); next }
	{ print $1, $2, hash["./" $1], place_stat["./" $1], source_stat[$2] }
' pass=sources "$look/sources" pass=places "$look/places" pass=hashes "$look/hashes" pass=plan "$look/plan" >"$libraries/index.new"
cp "$look/about" "$libraries/about"
mv -f "$libraries/index.new" "$libraries/index"
cp "$look/inputs" "$libraries/inputs"
answer_facts
