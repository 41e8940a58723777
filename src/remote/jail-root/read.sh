# read.sh ($jail $records "$@"): reads what the jail's directory is and holds.
# uses: compare.sh jail-root/claims.sh jail.sh manifest-part.sh walk.sh

jail_kind
answer jail "$jail_is"
case $jail_is in
none) return 0 ;;
ours | lost)
	answer id "$(one_line "$(cat "$records/id")")"
	answer host "$(one_line "$(cat "$records/host" 2>/dev/null || :)")"
	open_manifest git
	# Without a record of the commit, answer that there is none.
	if is_recorded; then answer commit "$(one_line "$(fact commit)")"; else answer commit ""; fi
	if has_manifest; then
		# Files in scratch belong to its users.
		awk -F "$tab" '$1 != "dir" && $4 !~ /^scratch\//' "$lists/recorded" | unclaimed none /dev/null >"$lists/wanted"
		compare "$lists/wanted"
		grep -v "${tab}unneeded\$" "$lists/states" >"$lists/states.own" || :
		mv -f "$lists/states.own" "$lists/states"
		answer_differing
		to_jail
	fi
	;;
marked)
	# Without our records, the file in the jail tells its id.
	if is_file "$id_file"; then answer id "$(one_line "$(head -c 64 "./$id_file")")"; fi
	;;
esac
for directory; do
	if [ -L "./$directory" ]; then
		answer wrong "$directory" "a symbolic link"
	elif [ -d "./$directory" ]; then
		:
	elif [ -e "./$directory" ]; then
		answer wrong "$directory" "no folder"
	else
		answer missing "$directory"
	fi
done
stat -c "owner$tab%U$tab%u$tab%G$tab%g" . >&3
