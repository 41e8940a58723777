# ensure.sh JAIL RECORDS LOCALE LOCALHOST TIMEZONE TIMEZONES TMP SHM [USER…]: puts there what programs expect.
# uses: confine.sh jail-system/system.sh jail.sh placed-files.sh
jail=$1 records=$2
shift 2

open_jail
change_jail
open_system
list_system "$@"
if [ -s "$work/lacks" ]; then
	IFS=$tab read -r code reason remedy <"$work/lacks"
	fail "$code" "$reason" "$remedy"
fi
if [ "$timezones" = all ] && [ ! -s "$work/zones" ]; then
	warn "the host has no time zones in $zones_of_host, and so has the jail: install tzdata there, or set \`timezones: none\`"
fi
look_at_placed "$work/wanted"
look_at_spaces
refuse_spaces
all_placed || place_wanted "$work/wanted"
record_sums
ensure_spaces
answer_system
