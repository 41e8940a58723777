# ensure.sh ($jail $records $closure_is $leaving $mode $tracing "$@"): puts the libraries into the jail. The new set is staged whole and verified beside
# the one in use, then one rename exchanges them; the same set is mended in place.
# uses: confine.sh jail-libraries/look.sh jail-libraries/put.sh jail-libraries/readable.sh jail-libraries/resolves.sh jail.sh records.sh refuse-mounted.sh remove-paths.sh staging.sh walk.sh

open_jail
change_jail
open_libraries
private_directory "$libraries"
[ "$tracing" = yes ] || rm -f "$libraries/traced"
look_at_libraries "$@"

# What could be refused is refused before anything is written.
if [ -s "$look/problem" ]; then
	IFS=$tab read -r code reason remedy <"$look/problem"
	fail "$code" "$reason" "$remedy"
fi
if [ -s "$look/unresolved" ]; then
	fail unresolved "$(in_words "$look/unresolved"): not on the host" "install the package that has it on the host, or remove the file that needs it"
fi
while read -r folder; do go_in_jail "$folder" || :; done <"$look/bent"
to_jail
if [ "$(wc -l <"$look/wanted")" != "$(wc -l <"$look/plan")" ]; then
	source=$(awk -F "$tab" 'pass == 1 { read_well[$1]; next } !($1 in read_well) { print $2; exit }' pass=1 "$look/wanted" pass=2 "$look/plan")
	fail copy "$source cannot be read" "is the host being updated? Run the same command again. Nothing in use was changed"
fi
# A program of the jail may name any folder of the host for its libraries: what only root may read stays there.
while IFS=$tab read -r place source _; do
	case $source in
	/lib*/* | /usr/lib*/*) continue ;;
	esac
	may_read "$source" || fail unreadable "$source is not for everybody to read: it is not copied into the jail" "let all read it, or remove what needs it from the jail"
done <"$look/wanted"

set=$(cut -f 1,3 "$look/wanted" | set_name)
if [ "$set" = "$in_use" ] && libraries_are_recorded && set_is_current && [ ! -s "$look/read" ] && ! grep -qv "${tab}ok\$" "$look/states" && cmp -s "$look/inputs" "$libraries/inputs"; then
	answer_libraries
	return 0
fi

# What is not yet in its set as it should be, and links that are not as they should be: `PLACE SOURCE SHA256`, `PLACE`.
: >"$look/right"
if go_in_jail "$sets/$set"; then
	find -P . -type f ! -path "*$line_break*" | sum_paths >"$look/right"
	set_is_there=yes
else
	set_is_there=no
fi
to_jail
awk -F "$tab" '
	pass == 1 { right[substr($0, 69), substr($0, 1, 64)]; next }
	!(($1, $3) in right)
' pass=1 "$look/right" pass=2 "$look/wanted" >"$look/copies"
cut -f 1 "$look/wanted" | while IFS= read -r place; do
	if [ "$(readlink "./$place" 2>/dev/null)" != "$(link_text "$place")" ]; then printf '%s\n' "$place"; fi
done >"$look/links"
{
	cat "$look/links"
	echo "$sets/current"
	[ "$set_is_there" = no ] || cut -f 1 "$look/copies" | sed "s|^|$sets/$set/|"
} >"$look/changes"
while IFS= read -r place; do
	if [ -d "./$place" ] && [ ! -L "./$place" ]; then fail folder "$place in the jail is a folder" "see what is in it, and remove it"; fi
done <"$look/changes"

refuse_mounted <"$look/changes"
hold_folder
mkdir -p "$held/$set"
stage_libraries

# Known as ours before it stands there, so that a run cut off here leaves nothing that nobody owns. lib64 is JailRoot's.
rm -f "$libraries/inputs"
{
	cut -f 1 "$look/wanted"
	cut -f 1 "$look/wanted" | sed "s|^|$sets/$set/|"
	echo "$sets/current"
} >"$look/ours"
folders_of <"$look/ours" >"$look/ways"
{
	cat "$look/ours"
	[ ! -f "$libraries/owned" ] || cat "$libraries/owned"
	while IFS= read -r folder; do
		[ "$folder" = lib64 ] || go_in_jail "$folder" || printf '%s\n' "$folder"
	done <"$look/ways"
} | LC_ALL=C sort -u >"$libraries/owned.new"
mv -f "$libraries/owned.new" "$libraries/owned"

put_copies
# New links lead nowhere until the set is exchanged; what already stands where a link should be works until then.
while IFS= read -r place; do
	if [ ! -e "./$place" ] && [ ! -L "./$place" ]; then put_link "$place" "$(link_text "$place")"; fi
done <"$look/links"
if [ "$(readlink "./$sets/current" 2>/dev/null)" != "$set" ]; then put_link "$sets/current" "$set"; fi
while IFS= read -r place; do
	if [ "$(readlink "./$place" 2>/dev/null)" != "$(link_text "$place")" ]; then put_link "$place" "$(link_text "$place")"; fi
done <"$look/links"
drop_folder

# Every program finds its libraries in the jail alone.
{
	sed 's|^[^/]*/[^/]*/||' "$look/programs"
	[ "$1" = all ] || cut -f 1 "$look/wanted" | sed 's|^|./|'
} | unresolved_in_jail >"$look/unresolved"
if [ -s "$look/unresolved" ]; then
	fail unresolved "$(in_words "$look/unresolved"): not where the jail's loader looks" "see why in the jail: \`pulumi up --refresh\` after it is repaired, or remove the file that needs it"
fi

# Seen in the jail as it stands there now: whoever works in it may have changed something meanwhile.
cut -f 1 "$look/wanted" | sed 's|^|./|' | stat_paths >"$look/places"
cut -f 1 "$look/wanted" | sed "s|^|./$sets/$set/|" >"$look/read"
stat_paths <"$look/read" >"$look/files"
sum_paths <"$look/read" >"$look/hashes"
awk -F "$tab" -v OFS="$tab" -v set="./$sets/$set/" '
	pass == "sources" { source_stat[$2] = $1; next }
	pass == "places" { place_stat[$2] = $1; next }
	pass == "files" { file_stat[$2] = $1; next }
	pass == "hashes" { hash[substr($0, 67)] = substr($0, 1, 64); next }
	hash[set $1] != $3 { print $1 >"/dev/stderr"; failed = 1 }
	{ print $1, $2, $3, place_stat["./" $1], file_stat[set $1], source_stat[$2] }
	END { exit failed }
' pass=sources "$look/sources" pass=places "$look/places" pass=files "$look/files" pass=hashes "$look/hashes" pass=wanted "$look/wanted" >"$libraries/index.new" ||
	fail changed "libraries in the jail were changed while we put them there" "see who works in the jail"

# What of ours is needed no longer: links, the set that was in use, folders that are then empty.
awk -v gone="$look/gone" '
	pass == 1 { wanted[$0]; next }
	{ if ($0 in wanted) print; else print >gone }
' pass=1 "$look/ours" pass=1 "$look/ways" pass=2 "$libraries/owned" >"$look/owned"
if [ -f "$look/gone" ]; then LC_ALL=C sort -r "$look/gone" | remove_paths; fi
write_record "$libraries/owned" <"$look/owned"

write_record "$libraries/about" <"$look/about"
mv -f "$libraries/index.new" "$libraries/index"
write_record "$libraries/inputs" <"$look/inputs"
answer_libraries
