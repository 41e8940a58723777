# apply.sh ($jail $records $key $target $digest $list $remove_unmanaged): puts the files of a list into the jail, from
# the sent archive. Removes files that an earlier apply put there and that are no longer in the list.
# uses: apply.sh compare.sh confine.sh jail-files/files.sh jail-root/git-files.sh jail.sh manifest.sh

open_jail
change_jail
open_files "$key"
read_list "$list"

# Two JailFiles must not declare the same path.
cut -f 4 "$lists/wanted" | sort >"$lists/paths"
for other in $(parts_of_files); do
	[ "$other" != "$part" ] || continue
	taken=$(owned_by "$other" | comm -12 "$lists/paths" - | head -n 1)
	if [ -n "$taken" ]; then fail declared-twice "$taken is put there by another JailFiles" "leave it out of one of the two (\`ignore\`)"; fi
done

compare "$lists/wanted"
if ! all_files_are_right "$digest"; then
	rm -rf "$contents"
	mkdir "$contents"
	if [ -f "$sent" ]; then
		tar -x -o -f "$sent" -C "$contents" || :
		rm -f "$sent"
	fi
	list_copies "$lists/wanted" | cut -f 5 | sort -u | while IFS= read -r content; do
		[ -f "$content" ] || fail cache-lost "not all that the jail lacks has arrived" "run the same command again; if it fails again, look for a full disk, or for others who work in the jail. Nothing in use was changed"
	done
	put_entries "$lists/wanted"
	give_back_to_git "$lists/wanted"
	printf 'digest %s\n' "$digest" >"$lists/facts"
	settle "$lists/wanted" "$lists/facts"
	rm -rf "$contents"
fi

list_unmanaged "$target"
if [ "$remove_unmanaged" = yes ] && [ -s "$lists/unmanaged" ]; then
	remove_unmanaged
	list_unmanaged "$target"
fi
answer_unmanaged
