# Removing directories with all that is in them.
# uses: listing.sh mounts.sh

# remove_trees TEST...: removes what of the folder that we are in passes these tests of find, with all that is in it, and nothing
# outside nor on another file system, whatever others make of it meanwhile. GNU's rm holds each folder that it empties. Others go
# by path: where a folder becomes a link on the way, they empty what that leads to. There, and where somebody fills the folders
# meanwhile, all is first moved into a folder that only root may enter, the pen, and in it each level closed before the next one is
# looked at.
remove_trees() {
	# With what a removal that was cut off has left.
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
	remove_pen=$(mktemp -d ./.python3jail.gone.XXXXXX)
	(
		# What somebody put in its place instead, a link to a folder of root's say, is no pen: ours is empty, and no link.
		if [ -L "$remove_pen" ] || ! cd -P "$remove_pen" || ! is_private . || [ -n "$(ls -A .)" ]; then fail changed "$remove_pen was exchanged while we made it" "find out who else works in the jail, then run the same command again"; fi
		find -P /proc/self/fd/4/ -xdev -mindepth 1 -maxdepth 1 ! -name "${remove_pen#./}" "$@" -exec sh -c 'mv -- "$@" .' sh {} +
		# What lies too deep for a path comes to the pen's top, and is closed in the next round.
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
	rmdir "$remove_pen" 2>/dev/null || :
}

# Whether a folder is root's and closed. Where a folder hands its group on, one in it has the setgid bit too.
is_private() {
	case $(stat -c '%u %a' "$1") in
	'0 700' | '0 2700') ;;
	*) return 1 ;;
	esac
}
