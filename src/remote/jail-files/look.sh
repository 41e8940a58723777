# look.sh ($jail $records $key $target $digest $list): which contents of a list the jail lacks, and where to send them.
# uses: confine.sh jail-files/files.sh jail.sh placed-files.sh records.sh

open_jail
open_files "$key"
read_list "$list"
look_at_placed "$work/wanted"
list_strays "$target"
answer_strays
if all_files_placed "$digest"; then
	answer complete yes
	return 0
fi
answer complete no
list_copies "$work/wanted" | cut -f 1 | sort -u >"$work/contents"
if [ -s "$work/contents" ]; then
	lock_jail
	private_directory "$records/files"
	private_directory "$placed"
	answer send "$placed/sent"
	while IFS= read -r content; do answer lacks "$content"; done <"$work/contents"
fi
