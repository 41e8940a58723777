# remove.sh ($jail $records): removes exactly the installed python from the jail. Ends an in-flight build that no other
# jail waits for.
# uses: confine.sh jail.sh manifest-part.sh python-build/cache.sh python-build/left.sh refuse-mounted.sh remove-owned.sh

still_mine || return 0
if [ -s "$records/build" ]; then
	leave_build "$(cat "$records/build")"
	rm -f "$records/build"
fi
open_jail_if_there || return 0
change_jail
open_manifest python
has_manifest || return 0
list_gone /dev/null | refuse_mounted
staging_name=$staging_name.python
recover_library
remove_owned
