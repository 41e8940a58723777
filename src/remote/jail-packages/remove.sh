# remove.sh ($jail $records): removes exactly the installed packages from the jail.
# uses: confine.sh jail-packages/installed-packages.sh jail.sh manifest-part.sh others.sh refuse-mounted.sh remove-owned.sh remove-paths.sh

still_mine || return 0
open_jail_if_there || return 0
change_jail
open_manifest packages
has_manifest || return 0
list_gone /dev/null | refuse_mounted
staging_name=$staging_name.packages
# The paths of an interrupted install are in the intent.
site=$(cut -f 4 "$lists/intended" | sed -n 's|^\(lib/[^/]*/site-packages\)/.*|\1|p' | head -n 1)
if [ -n "$site" ]; then recover_unmanaged old-packages "$site"; fi
list_gone /dev/null | with_old_sites | remove_paths
remove_owned
