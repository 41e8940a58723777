# apply.sh ($jail $records $locales $localhost $hostname $copies $links $shebangs $timezone $all_timezones $timezones $tmp $shm "$@"):
# puts the files that programs expect of a system into the jail.
# uses: apply.sh compare.sh confine.sh jail-root/git-files.sh jail-system/system.sh jail.sh sources.sh

open_jail
change_jail
list_system "$@"
if [ -s "$lists/lacks" ]; then
	IFS=$tab read -r code reason remedy <"$lists/lacks"
	fail "$code" "$reason" "$remedy"
fi
if [ "$all_timezones" = yes ] && [ ! -s "$lists/zones" ]; then
	warn "the host has no time zones in $zones_of_host, and so has the jail: install tzdata there, or set \`timezones: none\`"
fi
refuse_unread
compare_system
sources_of_host >"$lists/sources.new"
if ! all_is_right "$lists/wanted" || ! cmp -s "$lists/sources.new" "$part_sources"; then
	put_entries "$lists/wanted"
	give_back_to_git "$lists/wanted"
	: >"$lists/facts"
	settle "$lists/wanted" "$lists/facts" "$lists/sources.new"
fi
if [ -f "$lists/lacking" ]; then while IFS= read -r lacking; do answer lacking "$lacking"; done <"$lists/lacking"; fi
answer_system
