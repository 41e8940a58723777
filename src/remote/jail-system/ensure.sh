# ensure.sh ($jail $records $locale $localhost $timezone $all_timezones $timezones $tmp $shm "$@"): puts there what programs expect.
# uses: confine.sh jail-system/system.sh jail.sh placed-files.sh

open_jail
change_jail
open_system
list_system "$@"
if [ -s "$work/lacks" ]; then
	IFS=$tab read -r code reason remedy <"$work/lacks"
	fail "$code" "$reason" "$remedy"
fi
if [ "$all_timezones" = yes ] && [ ! -s "$work/zones" ]; then
	warn "the host has no time zones in $zones_of_host, and so has the jail: install tzdata there, or set \`timezones: none\`"
fi
look_at_placed "$work/wanted"
look_at_spaces
refuse_spaces
all_placed || place_wanted "$work/wanted"
record_sums
ensure_spaces
answer_system
