# remove.sh JAIL RECORDS: takes away what JailSystem put into the jail, and folders made for it.
jail=$1 records=$2

jail_kind
case $jail_is in
none) return 0 ;;
*) open_jail ;;
esac
still_mine || return 0
lock_jail
open_system
: >"$work/spaces"
look_at_spaces
ensure_spaces
forget_placed
