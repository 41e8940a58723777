# remove.sh ($jail $records): removes the libraries that we put into the jail, and the directories made for them.
# uses: confine.sh jail.sh manifest-part.sh remove-owned.sh

open_jail_if_there || return 0
still_mine || return 0
change_jail
open_manifest libraries
remove_owned
