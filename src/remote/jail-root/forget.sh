# forget.sh JAIL RECORDS CACHE [KEPT]: removes the directory of a jail that remove.sh emptied, those made on the way to it, and our records of
# it. CACHE: the cache to remove with the last jail of the host; empty to keep it. KEPT: as in remove.sh.
# uses: jail.sh made-directories.sh mounts.sh python-build/cache.sh
jail=$1 records=$2 cache=$3 kept=${4-}

jail_kind
[ "$kept" = go ] || still_mine || return 0
if [ -s "$records/build" ]; then leave_build "$(cat "$records/build")"; fi
if [ "$jail_is" != none ]; then
	[ -z "$(ls -A .)" ] || fail not-empty "$jail is not empty: something else writes there" "stop it, then run \`pulumi destroy\` again"
	cd /
	# The jail may be a mount point itself: then the empty mount stays.
	if ! is_mount_point "$jail"; then
		rmdir "$jail" || fail not-empty "$jail cannot be removed: something else writes there" "stop it, then run \`pulumi destroy\` again"
		remove_made_directories "${jail%/*}"
	fi
fi

# With the last jail of the host goes everything of ours.
rm -rf "$records"
jails=${records%/*}
if rmdir "$jails" 2>/dev/null || [ ! -e "$jails" ]; then
	if [ -n "$cache" ]; then
		rm -rf "$cache/sources" "$cache/builds" "$cache/packages" "$cache/received" "$cache/work"
		rmdir "$cache" 2>/dev/null || :
	fi
	rmdir "${jails%/*}" 2>/dev/null || :
fi
