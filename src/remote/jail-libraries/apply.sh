# apply.sh ($jail $records $closure_is $leaving $mode $tracing "$@"): puts the libraries into the jail. A new set is
# completed beside the one in use; then one rename makes it the set in use. An unchanged set is repaired in place.
# uses: apply.sh compare.sh confine.sh jail-libraries/libraries.sh jail-libraries/readable.sh jail-libraries/resolves.sh jail.sh manifest-part.sh sources.sh walk.sh

# in_words FILE: prints lines `NAME FILE` in one line, for a message.
in_words() {
	awk -F "$tab" '{ printf "%s%s (needed by %s)", (NR > 1 ? ", " : ""), $1, $2 }' "$1"
}

# list_wanted: writes the entries for sources.now to $lists/wanted. The text of a symlink goes from its directory up
# to the jail's directory, then down through .libraries/current.
list_wanted() {
	set=$(set_of_sources)
	printf 'link\t%s\t-\t%s\n' "$set" "$sets/current"
	awk -F "$tab" -v OFS="$tab" -v sets="$sets" -v set="$set" '
		pass == 1 { sub(/^loader /, ""); loader[substr($0, 2)]; next }
		{
			up = $4
			gsub(/[^\/]*\//, "../", up)
			sub(/[^\/]*$/, "", up)
			print "file", $3, $4 in loader ? "0755" : "0644", sets "/" set "/" $4, $2
			print "link", up sets "/current/" $4, "-", $4
		}
	' pass=1 "$lists/about" pass=2 "$lists/sources.now"
}

open_jail
change_jail
list_libraries "$@"

# Do all checks before anything is written.
if [ -s "$lists/problem" ]; then
	IFS=$tab read -r code reason remedy <"$lists/problem"
	fail "$code" "$reason" "$remedy"
fi
if [ -s "$lists/unresolved" ]; then
	fail unresolved "$(in_words "$lists/unresolved"): not on the host" "install the package that has it on the host, or remove the file that needs it"
fi
refuse_unread
# A program in the jail can name any directory of the host for its libraries. Never copy a file that only root may read.
cut -f 2 "$lists/sources.now" | while IFS= read -r source; do
	case $source in
	/lib*/* | /usr/lib*/*) continue ;;
	esac
	may_read "$source" || fail unreadable "$source is not for everybody to read: it is not copied into the jail" "let everybody read it (\`chmod o+r\`), or remove from the jail what needs it"
done

list_wanted >"$lists/wanted"
compare "$lists/wanted"
list_bent >"$lists/bent"
while IFS= read -r directory; do go_in_jail "$directory" || :; done <"$lists/bent"
to_jail
if all_is_right "$lists/wanted" && [ "$inputs" = "$(fact inputs)" ] && cmp -s "$lists/sources.now" "$part_sources"; then
	answer_libraries
	return 0
fi
in_the_way=$(sed -n "s/${tab}directory\$//p" "$lists/states" | head -n 1)
[ -z "$in_the_way" ] || fail in-the-way "$in_the_way in the jail is a folder" "see what is in it, and remove it"

put_entries "$lists/wanted"

# Check that every program finds its libraries in the jail alone.
{
	sed 's|^[^/]*/[^/]*/||' "$lists/programs"
	[ "$mode" = all ] || cut -f 4 "$lists/sources.now" | sed 's|^|./|'
} | unresolved_in_jail >"$lists/unresolved"
if [ -s "$lists/unresolved" ]; then
	fail unresolved "$(in_words "$lists/unresolved"): not where the jail's loader looks" "see what is at its place in the jail; remove that, or the file that needs the library, then run \`pulumi up --refresh\`"
fi
# Somebody may have changed the jail meanwhile.
cut -f 1-4 "$lists/wanted" >>"$lists/recorded"
compare "$lists/wanted"
if grep -v "${tab}unneeded\$" "$lists/states" | grep -v "${tab}ok\$"; then
	fail changed "libraries in the jail were changed while we put them there" "find out who else works in the jail, then run the same command again"
fi
{
	cat "$lists/about"
	printf 'inputs %s\n' "$inputs"
	sed 's/^/traced /' "$lists/traced"
} >"$lists/facts"
settle "$lists/wanted" "$lists/facts" "$lists/sources.now"
answer_libraries
