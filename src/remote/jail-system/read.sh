# read.sh ($jail $records $locales $localhost $hostname $copies $links $shebangs $timezone $all_timezones $timezones $tmp $shm "$@"):
# answers which of the files that programs expect of a system differ in the jail.
# uses: compare.sh jail-system/system.sh jail.sh manifest-part.sh

open_jail_if_there || return 0
list_system "$@"
if ! is_recorded; then
	answer made no
	return 0
fi
answer made yes
head -n 1 "$lists/lacks" | while IFS=$tab read -r _ reason _; do answer lacks "$reason"; done
compare_system
answer_differing
answer_system
