# look.sh ($jail $records $key $target $digest $list): which contents of a list the jail lacks, and where to send them.
# uses: compare.sh confine.sh jail-files/files.sh jail.sh

open_jail
open_files "$key"
read_list "$list"
compare "$lists/wanted"
list_strays "$target"
answer_strays
if all_files_are_right "$digest"; then
	answer complete yes
	return 0
fi
answer complete no
awk -F "$tab" 'pass == 1 { if ($2 != "ok") differs[$1]; next } $4 in differs { print $2 }' pass=1 "$lists/states" pass=2 "$lists/wanted" | sort -u >"$lists/lacking"
if [ -s "$lists/lacking" ]; then
	lock_jail
	answer send "$sent"
	while IFS= read -r content; do answer lacks "$content"; done <"$lists/lacking"
fi
