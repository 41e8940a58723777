# remove.sh ($jail $records): takes the packages out of the jail: exactly what was installed.
# uses: confine.sh installed.sh jail-packages/installed-packages.sh jail.sh others.sh refuse-mounted.sh remove-paths.sh remove-trees.sh

still_mine || return 0
open_jail_if_there || return 0
open_installed packages
[ -d "$installed" ] || return 0
change_jail
refuse_mounted <"$installed/owned"
swap=$swap.packages
# What it was to install is here as long as it was cut off.
site=$(sed -n 's|^\(lib/[^/]*/site-packages\)/.*|\1|p' "$installed/wanted" 2>/dev/null | head -n 1)
if [ -n "$site" ]; then take_back old-packages "$site"; fi
remove_trees -name "$swap"
rm -f "$installed/key"
list_gone /dev/null >"$installed/gone"
empty_sites >>"$installed/gone"
remove_paths <"$installed/gone"
rm -rf "$installed"
