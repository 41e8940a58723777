# observe.sh ($jail $records "$@"): what the jail's folder is and holds.
# uses: compare.sh jail-root/claims.sh jail.sh manifest-part.sh walk.sh

jail_kind
answer jail "$jail_is"
case $jail_is in
none) return 0 ;;
ours | lost)
	answer id "$(one_line "$(cat "$records/id")")"
	answer host "$(one_line "$(cat "$records/host" 2>/dev/null || :)")"
	open_manifest git
	# What we do not know any more is not there.
	if is_recorded; then answer commit "$(one_line "$(fact commit)")"; else answer commit ""; fi
	if has_manifest; then
		# What lies in scratch is its users'.
		awk -F "$tab" '$1 != "dir" && $4 !~ /^scratch\//' "$lists/recorded" | unclaimed none /dev/null >"$lists/wanted"
		compare "$lists/wanted"
		grep -v "${tab}unneeded\$" "$lists/states" >"$lists/states.own" || :
		mv -f "$lists/states.own" "$lists/states"
		answer_differing
		to_jail
	fi
	;;
marked)
	# Without our records the jail itself tells which one it is.
	if is_file "$id_file"; then answer id "$(one_line "$(head -c 64 "./$id_file")")"; fi
	;;
esac
for folder; do
	if [ -L "./$folder" ]; then
		answer wrong "$folder" "a symbolic link"
	elif [ -d "./$folder" ]; then
		:
	elif [ -e "./$folder" ]; then
		answer wrong "$folder" "no folder"
	else
		answer missing "$folder"
	fi
done
stat -c "owner$tab%U$tab%u$tab%G$tab%g" . >&3
