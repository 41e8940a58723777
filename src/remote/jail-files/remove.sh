# remove.sh ($jail $records $key): removes the files that we put into the jail, and the directories made for them.
# uses: confine.sh jail-files/files.sh jail-root/git-files.sh jail.sh remove-owned.sh

open_jail_if_there || return 0
still_mine || return 0
change_jail
open_files "$key"
rm -rf "$sent" "$contents"
: >"$lists/nothing"
give_back_to_git "$lists/nothing"
remove_owned
