# remove.sh ($jail $records): restores the owner and mode from before our changes, for every path that is still of the
# same type.
# uses: confine.sh jail-permissions/policy.sh jail.sh

open_jail_if_there || return 0
still_mine || return 0
change_jail
[ -f "$records/permissions.before" ] || return 0
remove_left_staging
list_jail >"$records/permissions.listing"
list_restorable "$records/permissions.before" <"$records/permissions.listing" >"$records/permissions.changes"
apply_changes "$records/permissions.changes" "$records/permissions.listing"
rm -f "$records/permissions.before" "$records/permissions.changes" "$records/permissions.listing"
