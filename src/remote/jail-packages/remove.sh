# remove.sh JAIL RECORDS: takes the packages out of the jail: exactly what was installed.
jail=$1 records=$2

still_mine || return 0
open_jail_if_there || return 0
open_installed packages
[ -d "$installed" ] || return 0
lock_jail
remove_trees -name "$swap.packages"
rm -f "$installed/key"
list_gone /dev/null >"$installed/gone"
empty_sites >>"$installed/gone"
remove_paths <"$installed/gone"
rm -rf "$installed"
