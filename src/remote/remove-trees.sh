# Remove directories with everything in them.
# uses: listing.sh mounts.sh

# remove_trees TEST...: removes the entries of the current directory that pass these tests of find, with everything in
# them. Removes nothing outside of it nor on another file system, whatever others change meanwhile. GNU rm opens each
# directory that it empties, so it needs no help. Other programs go by path: if somebody replaces a parent by a symlink,
# they empty its target. There, and if somebody keeps filling the directories, first moves everything into a private
# directory that only root may enter. In it, closes each level to all others before it reads the next one.
remove_trees() {
	# Include what an interrupted removal has left.
	set -- \( "$@" -o -name '.python3jail.gone.*' \)
	remove_here=$(pwd -P)
	remove_here=${remove_here%/}
	mounts_below "$remove_here" | while IFS= read -r remove_mount; do
		remove_first=${remove_mount#"$remove_here"/}
		if find -P . -xdev -mindepth 1 -maxdepth 1 "$@" | grep -Fqx -e "./${remove_first%%/*}"; then
			fail mounted "$(one_line "$remove_mount") is mounted in a directory that is to be removed" "unmount it (\`umount\`), then run the same command again"
		fi
	done
	if rm --help 2>&1 | grep -q one-file-system && find -P . -xdev -mindepth 1 -maxdepth 1 "$@" -exec rm -rf --one-file-system -- {} +; then return 0; fi
	exec 4<.
	remove_private=$(mktemp -d ./.python3jail.gone.XXXXXX)
	(
		# Somebody may have replaced the directory, by a symlink to a directory of root for example. Ours is empty and
		# not a symlink.
		if [ -L "$remove_private" ] || ! cd -P "$remove_private" || ! is_private . || [ -n "$(ls -A .)" ]; then fail changed "$remove_private was exchanged while we made it" "find out who else works in the jail, then run the same command again"; fi
		find -P /proc/self/fd/4/ -xdev -mindepth 1 -maxdepth 1 ! -name "${remove_private#./}" "$@" -exec sh -c 'mv -- "$@" .' sh {} +
		# Move what is too deep for a path to the top of the private directory. The next round closes it.
		remove_far=yes
		while [ -n "$remove_far" ]; do
			remove_far=
			remove_level=1
			while [ -n "$(find -P . -xdev -mindepth "$remove_level" -maxdepth "$remove_level" -type d -exec chown 0:0 {} + -exec chmod 0700 {} + -print)" ]; do
				remove_far=$remove_far$(find -P . -xdev -mindepth "$remove_level" -maxdepth "$remove_level" -type d -path "$too_long" -exec sh -c 'for far; do count=$((${count:-0} + 1)); mv -T -- "$far" "./far.$$.$count"; echo far; done' sh {} +)
				remove_level=$((remove_level + 1))
			done
		done
		find -P . -xdev -depth -mindepth 1 ! -type d -exec rm -f -- {} +
		find -P . -xdev -depth -mindepth 1 -type d -exec rmdir -- {} +
	)
	exec 4<&-
	rmdir "$remove_private" 2>/dev/null || :
}

# Succeeds if a directory belongs to root and is closed to all others. In a parent with the setgid bit it has that bit,
# too.
is_private() {
	case $(stat -c '%u %a' "$1") in
	'0 700' | '0 2700') ;;
	*) return 1 ;;
	esac
}
