# remove.sh ($jail $records): removes the files that JailSystem put into the jail, and the directories made for them.
# uses: confine.sh jail-root/git-files.sh jail.sh manifest-part.sh remove-owned.sh walk.sh

open_jail_if_there || return 0
still_mine || return 0
change_jail
open_manifest system
: >"$lists/nothing"
give_back_to_git "$lists/nothing"
awk -F "$tab" '$1 == "dir" && $3 != "-" { print $4 }' "$lists/recorded" >"$lists/spaces"
remove_owned
to_jail
while IFS= read -r space; do
	[ ! -d "./$space" ] || warn "$space in the jail is not empty: left there"
done <"$lists/spaces"
