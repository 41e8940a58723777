# observe.sh ($jail $records $locale $localhost $timezone $all_timezones $timezones $tmp $shm "$@"): what differs from what programs expect.
# uses: jail-system/system.sh jail.sh placed-files.sh

open_jail_if_there || return 0
open_system
if ! placed_is_recorded || [ ! -s "$placed/index" ]; then
	answer made no
	return 0
fi
answer made yes
list_system "$@"
head -n 1 "$work/lacks" | while IFS=$tab read -r _ reason _; do answer lacks "$reason"; done
look_at_placed "$work/wanted"
look_at_spaces
while IFS=$tab read -r space state; do
	[ "$state" = left ] || answer space "$space" "$state"
done <"$work/spaces.states"
answer_placed
answer_system
