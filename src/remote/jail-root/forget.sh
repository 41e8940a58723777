# forget.sh ($jail $records $cache $keep_cache $kept): removes the directory of a jail that remove.sh emptied, the
# parent directories that we made, and our records of it. With the host's last jail removes the cache, too, unless
# $keep_cache is `yes`. $kept: as in remove.sh.
# uses: jail.sh made-directories.sh mounts.sh python-build/cache.sh

jail_kind
[ "$kept" = yes ] || still_mine || return 0
if [ -s "$records/build" ]; then leave_build "$(cat "$records/build")"; fi
if [ "$jail_is" != none ]; then
	[ -z "$(ls -A .)" ] || fail not-empty "$jail is not empty: something else writes there" "stop it, then run \`pulumi destroy\` again"
	cd /
	# The jail may be a mount point itself. Then the empty directory stays.
	if ! is_mount_point "$jail"; then
		rmdir "$jail" || fail not-empty "$jail cannot be removed: something else writes there" "stop it, then run \`pulumi destroy\` again"
		remove_made_directories "${jail%/*}"
	fi
fi

# Remove everything of ours with the last jail of the host.
rm -rf "$records"
jails=${records%/*}
if rmdir "$jails" 2>/dev/null || [ ! -e "$jails" ]; then
	if [ "$keep_cache" != yes ]; then
		rm -rf "$cache/sources" "$cache/builds" "$cache/packages" "$cache/received" "$cache/work"
		rmdir "$cache" 2>/dev/null || :
	fi
	rmdir "${jails%/*}" 2>/dev/null || :
fi
