# Check whether a jail may be removed. JailRoot's removal checks it, and so does JailCheck's, which comes before
# anything else of the jail is removed. Writes nothing.
# uses: jail.sh listing.sh manifest.sh mounts.sh

# check_removal ID KEPT: enters the jail and sets $removal: `jail`, `none` if there is none, or `left` if it belongs to
# another resource by now. Ends the step if it is not the jail of this id (empty: not known). KEPT `yes` also removes a
# jail that is kept as a release, for the resource that keeps it.
check_removal() {
	jail_kind
	# The jail was emptied and its records removed. The directory of a jail that is a mount point stays, and its removal
	# may be asked for again.
	if [ "$jail_is" = empty ] && [ ! -s "$records/id" ]; then jail_is=none; fi
	removable_id=
	case $jail_is in
	none) ;;
	ours | lost) removable_id=$(cat "$records/id") ;;
	*)
		# Without our records, the id in the jail proves whose it is.
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

# refuse_removal DELETE_CONTENTS: ends the step if the jail has content that must not be removed with it.
refuse_removal() {
	# A bind mount inside the jail leads out of it: removing through it would delete files outside.
	inside_only=$(mounts_below "$jail" | head -n 3)
	if [ -n "$inside_only" ]; then
		fail mounted "$(one_line "$inside_only") is mounted inside the jail" "unmount it, then run the same command again"
	fi
	[ "$1" != yes ] || return 0
	for directory in static scratch; do
		if [ ! -d "./$directory" ] || [ -L "./$directory" ]; then continue; fi
		# Device nodes are no content that could be lost: DeviceNode or root made them.
		strange=$({
			# shellcheck disable=SC2046  # a part a word
			owned_by git $(parts_of_files) | sed 's/^/ours /'
			find -P "./$directory" -path "$too_long" -prune -print -o ! -type d ! -type c ! -type b -print 2>/dev/null | sed 's|^\./||; s/^/there /'
		} | awk '{ path = substr($0, index($0, " ") + 1) } $1 == "ours" { ours[path]; next } !(path in ours) { print path; exit }')
		if [ -n "$strange" ]; then
			fail not-empty "$jail/$directory holds files that were not put there by us, such as $(one_line "$strange")" "save them, or set \`deleteContents: true\` and run \`pulumi up\` first"
		fi
	done
}
