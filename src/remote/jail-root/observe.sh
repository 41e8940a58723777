# observe.sh JAIL RECORDS FOLDER...: what the jail's folder is and holds.
jail=$1 records=$2
shift 2

jail_kind
answer jail "$jail_is"
case $jail_is in
none) return 0 ;;
ours | lost)
	answer id "$(cat "$records/id")"
	answer host "$(cat "$records/host" 2>/dev/null || :)"
	answer commit "$(cat "$records/git.commit" 2>/dev/null || :)"
	if [ -f "$records/git.laid/manifest" ]; then
		open_installed git.laid
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
# Names of directory services have spaces.
answer owner "$(stat -c "%U$tab%u$tab%G$tab%g" .)"
