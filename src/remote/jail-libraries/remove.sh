# remove.sh ($jail $records): takes our libraries out of the jail: exactly what was copied, and folders that were made for it.
# uses: confine.sh jail.sh refuse-mounted.sh remove-paths.sh remove-trees.sh staging.sh

open_jail_if_there || return 0
still_mine || return 0
libraries=$records/libraries
[ -d "$libraries" ] || return 0
change_jail
if [ -f "$libraries/owned" ]; then refuse_mounted <"$libraries/owned"; fi
remove_trees -name "$swap"
rm -f "$libraries/inputs" "$libraries/index"
if [ -f "$libraries/owned" ]; then LC_ALL=C sort -r "$libraries/owned" | remove_paths; fi
rm -rf "$libraries"
