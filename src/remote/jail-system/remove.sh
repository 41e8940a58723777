# remove.sh ($jail $records): takes away what JailSystem put into the jail, and folders made for it.
# uses: confine.sh jail-system/system.sh jail.sh placed-files.sh

open_jail_if_there || return 0
still_mine || return 0
change_jail
open_system
: >"$work/spaces"
look_at_spaces
ensure_spaces
forget_placed
