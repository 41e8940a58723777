# observe.sh ($jail $records "$@"): what the jail's folder is and holds.
# uses: installed.sh jail-root/claims.sh jail.sh walk.sh

jail_kind
answer jail "$jail_is"
case $jail_is in
none) return 0 ;;
ours | lost)
	answer id "$(one_line "$(cat "$records/id")")"
	answer host "$(one_line "$(cat "$records/host" 2>/dev/null || :)")"
	open_installed git.laid
	commit=$(cat "$records/git.commit" 2>/dev/null || :)
	# What we do not know any more is not there. (An older release sealed nothing.)
	if [ -f "$installed/key" ] && { ! installed_is_recorded || ! cmp -s "$installed/owned" "$records/git.files"; }; then commit=; fi
	answer commit "$(one_line "$commit")"
	if [ -f "$installed/manifest" ]; then
		# shellcheck disable=SC2034  # answer_differing's
		differing_that_count=not_claimed
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
