# What keeps a jail from being removed: JailRoot's removal asks it, and so does JailCheck's, which comes before anything else of the jail
# goes. Writes nothing.
# uses: jail.sh listing.sh manifest.sh mounts.sh

# look_at_removal ID KEPT: goes to the jail. $removal is then `jail`, `none` where there is none, or `left` where it is another one's by now.
# Ends the step where it is not the jail of this id (empty: not known). KEPT `yes`: also where it is kept as a release, whose keeper asks.
look_at_removal() {
	jail_kind
	# Emptied, and our records of it forgotten: of a jail that is a mount point the folder stays, and its removal may be asked for again.
	if [ "$jail_is" = empty ] && [ ! -s "$records/id" ]; then jail_is=none; fi
	removable_id=
	case $jail_is in
	none) ;;
	ours | lost) removable_id=$(cat "$records/id") ;;
	*)
		# With our records gone, the id in the jail proves whose it is.
		if [ "$jail_is" = marked ] && [ ! -s "$records/id" ] && is_file "$id_file"; then removable_id=$(head -c 64 "./$id_file"); fi
		if [ -z "$removable_id" ]; then
			fail not-a-jail "$jail is not the jail that was made here: nothing was removed" "remove it by hand, and forget it with \`pulumi state delete URN\` (\`pulumi stack --show-urns\` lists the URNs)"
		fi
		;;
	esac
	if [ -n "$1" ] && [ "$jail_is" != none ] && [ "$removable_id" != "$1" ]; then
		fail other-machine "$jail has another jail's id: nothing was removed" "is this the machine on which it was made? Correct the connection"
	fi
	if [ "$2" != yes ] && ! still_mine; then
		removal=left
	elif [ "$jail_is" = none ]; then
		removal=none
	else
		removal=jail
	fi
}

# refuse_removal DELETE_CONTENTS: ends the step where what is in the jail must not go with it.
refuse_removal() {
	# A bind mount inside the jail leads out of it: removing through it would empty what it shows.
	inside_only=$(mounts_below "$jail" | head -n 3)
	if [ -n "$inside_only" ]; then
		fail mounted "$(one_line "$inside_only") is mounted inside the jail" "unmount it, then run the same command again"
	fi
	[ "$1" != yes ] || return 0
	for folder in static scratch; do
		if [ ! -d "./$folder" ] || [ -L "./$folder" ]; then continue; fi
		# A device node is nobody's work that would be lost: DeviceNode made it, or root.
		strange=$({
			# shellcheck disable=SC2046  # a part a word
			owned_by git $(parts_of_files) | sed 's/^/ours /'
			find -P "./$folder" -path "$too_long" -prune -print -o ! -type d ! -type c ! -type b -print 2>/dev/null | sed 's|^\./||; s/^/there /'
		} | awk '{ path = substr($0, index($0, " ") + 1) } $1 == "ours" { ours[path]; next } !(path in ours) { print path; exit }')
		if [ -n "$strange" ]; then
			fail not-empty "$jail/$folder holds files that were not put there by us, such as $(one_line "$strange")" "save them, or set \`deleteContents: true\` and run \`pulumi up\` first"
		fi
	done
}
