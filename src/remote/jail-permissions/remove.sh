# remove.sh ($jail $records): gives every path that is still what it was the owner and mode that it had before ours.
# uses: confine.sh jail-permissions/policy.sh jail.sh

open_jail_if_there || return 0
still_mine || return 0
change_jail
[ -f "$records/permissions.before" ] || return 0
drop_left_folder
list_jail >"$records/permissions.listing"
given_back "$records/permissions.before" <"$records/permissions.listing" >"$records/permissions.changes"
apply_changes "$records/permissions.changes" "$records/permissions.listing"
rm -f "$records/permissions.before" "$records/permissions.changes" "$records/permissions.listing"
