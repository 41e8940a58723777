# remove.sh JAIL RECORDS KEY: takes our files out of the jail: exactly what was put there, and folders made for it.
jail=$1 records=$2 key=$3

jail_kind
case $jail_is in
none) return 0 ;;
*) open_jail ;;
esac
still_mine || return 0
lock_jail
open_files "$key"
forget_placed
rmdir "$records/files" 2>/dev/null || :
