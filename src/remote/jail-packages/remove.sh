# remove.sh ($jail $records): takes the packages out of the jail: exactly what was installed.
# uses: confine.sh jail-packages/installed-packages.sh jail.sh manifest-part.sh others.sh refuse-mounted.sh remove-owned.sh remove-paths.sh

still_mine || return 0
open_jail_if_there || return 0
change_jail
open_manifest packages
has_manifest || return 0
list_gone /dev/null | refuse_mounted
swap=$swap.packages
# What it was to install is here as long as it was cut off.
site=$(cut -f 4 "$lists/intended" | sed -n 's|^\(lib/[^/]*/site-packages\)/.*|\1|p' | head -n 1)
if [ -n "$site" ]; then take_back old-packages "$site"; fi
list_gone /dev/null | with_old_sites | remove_paths
remove_owned
