# remove.sh JAIL RECORDS ID DELETE_CONTENTS [KEPT]: empties the jail, only if it is this one. KEPT `go`: also where it is kept as a release,
# whose keeper asks. Answers `emptied yes` where forget.sh is to follow, which works outside the jail.
jail=$1 records=$2 id=$3 delete_contents=$4 kept=${5-}

jail_kind
# Emptied, and our records of it forgotten: of a jail that is a mount point the directory stays, and its removal may be asked for again.
if [ "$jail_is" = empty ] && [ ! -s "$records/id" ]; then jail_is=none; fi
case $jail_is in
none)
	answer emptied yes
	return 0
	;;
ours | lost) ;;
*) fail not-a-jail "$jail is not the jail that was made here: nothing was removed" "remove it by hand, and take it out of the state with \`pulumi state delete\`" ;;
esac
if [ "$(cat "$records/id")" != "$id" ]; then
	fail other-jail "$jail has another jail's id: nothing was removed" "is this the machine on which it was made? Correct the connection"
fi
[ "$kept" = go ] || still_mine || return 0
# A build that only this jail waits for ends with it, also where no PythonBuild was ever recorded.
if [ -s "$records/build" ]; then leave_build "$(cat "$records/build")"; fi
change_jail

# A bind mount inside the jail leads out of it: removing through it would empty what it shows.
inside_only=$(mounts_below "$jail" | head -n 3)
if [ -n "$inside_only" ]; then
	fail mounted "$(one_line "$inside_only") is mounted inside the jail" "unmount it, then run \`pulumi destroy\` again"
fi

if [ "$delete_contents" != yes ]; then
	cat "$records/git.files" "$records"/files/*/owned 2>/dev/null >"$records/put-there" || :
	for folder in static scratch; do
		if [ ! -d "./$folder" ] || [ -L "./$folder" ]; then continue; fi
		strange=$(find -P "./$folder" -path "$too_long" -prune -print -o ! -type d -print 2>/dev/null | sed 's|^\./||' | awk 'pass == 1 { ours[$0]; next } !($0 in ours)' pass=1 "$records/put-there" pass=2 - | head -n 3 || :)
		if [ -n "$strange" ]; then
			fail contents "$jail/$folder holds files that were not put there by us, such as $(one_line "$(printf '%s\n' "$strange" | head -n 1)")" "save them, or set \`deleteContents: true\` and run \`pulumi up\` first"
		fi
	done
fi

remove_trees ! -name "$id_file" ! -name "$marker"
# The proof that the jail is ours goes last, so that a removal that was cut off can be finished.
rm -f "./$id_file" "./$marker"
answer emptied yes
