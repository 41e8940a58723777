# remove.sh ($jail $records): takes python out of the jail: exactly what was installed. A build under way that nobody else
# waits for is ended.
# uses: confine.sh installed.sh jail.sh python-build/cache.sh python-build/left.sh refuse-mounted.sh remove-paths.sh remove-trees.sh

still_mine || return 0
if [ -s "$records/build" ]; then
	leave_build "$(cat "$records/build")"
	rm -f "$records/build"
fi
open_jail_if_there || return 0
open_installed python
[ -d "$installed" ] || return 0
change_jail
refuse_mounted <"$installed/owned"
swap=$swap.python
take_back_library
remove_trees -name "$swap"
# Its own first line: should this be cut off, nobody takes what is left for a whole python.
rm -f "$installed/key"
list_gone /dev/null | remove_paths
rm -rf "$installed"
