# remove.sh ($jail $records $key): takes our files out of the jail: exactly what was put there, and folders made for it.
# uses: confine.sh jail-files/files.sh jail-root/git-files.sh jail.sh remove-owned.sh

open_jail_if_there || return 0
still_mine || return 0
change_jail
open_files "$key"
rm -rf "$sent" "$contents"
: >"$lists/nothing"
give_back_to_git "$lists/nothing"
remove_owned
