# ensure.sh ($jail $records $key $target $digest $list $remove_strays): puts the files of a list into the jail, from what it has and
# from what was sent, and takes away what was put there before and is not in the list.
# uses: confine.sh jail-files/files.sh jail.sh placed-files.sh records.sh

open_jail
change_jail
open_files "$key"
read_list "$list"

# Of two resources neither may take the other's files for its own.
cut -f 3 "$work/wanted" | sort >"$work/paths"
for claims in "$records"/files/*/owned; do
	if [ ! -f "$claims" ] || [ "$claims" = "$placed/owned" ]; then continue; fi
	taken=$(sort "$claims" | comm -12 "$work/paths" - | head -n 1)
	if [ -n "$taken" ]; then fail taken "$taken is put there by another JailFiles" "leave it out of one of the two (\`ignore\`)"; fi
done

look_at_placed "$work/wanted"
if ! all_files_placed "$digest"; then
	rm -rf "$placed/contents"
	if [ -f "$placed/sent" ]; then
		mkdir "$placed/contents"
		tar -x -f "$placed/sent" -C "$placed/contents" || :
		rm -f "$placed/sent"
	fi
	list_copies "$work/wanted" | cut -f 4 | sort -u | while IFS= read -r content; do
		[ -f "$content" ] || fail not-sent "not all that the jail lacks has arrived" "run the same command again: is somebody else at work in the jail, or the disk full? Nothing in use was changed"
	done
	rm -f "$placed/digest"
	place_wanted "$work/wanted"
	rm -rf "$placed/contents"
	printf '%s\n' "$digest" | write_record "$placed/digest"
fi

list_strays "$target"
if [ "$remove_strays" = yes ] && [ -s "$work/strays" ]; then
	remove_strays
	list_strays "$target"
fi
answer_strays
