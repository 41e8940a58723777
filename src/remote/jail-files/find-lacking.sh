# find-lacking.sh ($jail $records $key $target $digest $list): answers which contents of a list the jail lacks, and the
# path of the archive to send. Answers `complete yes` if the jail matches the list.
# uses: compare.sh confine.sh jail-files/files.sh jail.sh

open_jail
open_files "$key"
read_list "$list"
compare "$lists/wanted"
list_unmanaged "$target"
answer_unmanaged
if all_files_are_right "$digest"; then
	answer complete yes
	return 0
fi
answer complete no
list_copies "$lists/wanted" | cut -f 2 | sort -u >"$lists/lacking"
if [ -s "$lists/lacking" ]; then
	lock_jail
	answer send "$sent"
	while IFS= read -r content; do answer lacks "$content"; done <"$lists/lacking"
fi
