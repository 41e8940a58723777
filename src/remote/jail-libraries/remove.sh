# remove.sh ($jail $records): takes our libraries out of the jail: exactly what was copied, and folders that were made for it.
# uses: confine.sh jail.sh manifest-part.sh remove-owned.sh

open_jail_if_there || return 0
still_mine || return 0
change_jail
open_manifest libraries
remove_owned
