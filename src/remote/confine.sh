# Allow one change of a jail at a time, and keep it inside the jail.
# uses: listing.sh mounts.sh records.sh

# Seconds to wait for a lock. Fewer than a step may take, or the step would time out without naming the lock.
lock_timeout=100

# Keeps other operations off this jail until the step ends. The kernel releases the lock when the process dies.
lock_jail() {
	have flock || fail missing-tool "there is no flock on the host" "install util-linux"
	private_directory "$records"
	: >>"$records/lock"
	# Opened for reading: a file open for writing would keep confine from making its file system read-only.
	exec 9<"$records/lock"
	if ! take_lock 9; then
		fail locked "another operation is at work on $jail ($(cat "$records/holder" 2>/dev/null || :))" "wait for it to end, then run this one again"
	fi
	printf 'process %s since %s' "$$" "$(date '+%Y-%m-%d %H:%M:%S')" >"$records/holder"
}

# take_lock DESCRIPTOR: waits for the lock on an open file; returns 1 after $lock_timeout seconds.
take_lock() {
	if flock --help 2>&1 | grep -q -e '-w'; then
		flock -w "$lock_timeout" "$1"
		return
	fi
	# Busybox's flock cannot wait.
	lock_tries=0
	until flock -n "$1"; do
		lock_tries=$((lock_tries + 1))
		[ "$lock_tries" -le $((lock_timeout * 5)) ] || return 1
		sleep 0.2
	done
}

# change_jail: locks the jail of the current directory and confines this step to it. Every step that changes a jail
# calls it first.
change_jail() {
	lock_jail
	confine
}

# confine: lets the kernel keep this step inside the jail from here on. The step runs in a mount namespace of its own
# ($namespace is `private`, see program.ts). In it everything becomes read-only except the jail of the current
# directory, our records of it, and our cache if the step has $cache. /tmp is a new one. Mounts below the jail are
# detached in the namespace, so that the step cannot reach them.
#
# If the host allows no namespace ($namespace is `refused`), continues only if nobody but root can replace a directory.
confine() {
	host_mounts=$(mount_points)
	jail_mounts=$(mounts_below "$jail")
	# In a plain chroot the root directory is not a mount point, so it cannot be made read-only.
	case $line_break$host_mounts$line_break in
	*"$line_break/$line_break"*) ;;
	*) namespace=${namespace:+refused} ;;
	esac
	case ${namespace-} in
	private) ;;
	refused)
		require_root_directories
		return 0
		;;
	*) fail defect "this step changes a jail and was started without a mount namespace" "this is a defect: please report it" ;;
	esac
	confine_jail=$(stat -c '%d:%i' .)
	[ -z "${cache-}" ] || private_directory "$cache"
	# Keep read-only what an operator mounted read-only: the code below makes these directories writable.
	for confine_place in "$jail" "$records" ${cache:+"$cache"}; do
		if has_option "$confine_place" ro; then fail read-only "$confine_place is mounted read-only" "mount it so that it can be written, then run the same command again"; fi
	done
	detached_mounts | tr '\n' '\0' | xargs -0 -r umount -i -l 2>/dev/null || :
	if remounts_all; then mount -a -o remount,bind,ro 2>/dev/null || :; fi
	mount -t tmpfs -o mode=0700,nosuid,nodev python3jail /tmp || confine_failed "/tmp cannot be mounted"
	for confine_place in "$jail" "$records" ${cache:+"$cache"}; do
		# A directory below the old /tmp is hidden by the new one. Then this bind mount fails and the step ends.
		mount --bind "$confine_place" "$confine_place" || confine_failed "$confine_place cannot be bound"
		mount -o remount,bind,rw "$confine_place" || confine_failed "$confine_place cannot be made writable"
	done
	if ! cd -P "$jail" || [ "$(pwd -P)" != "$jail" ] || [ "$(stat -c '%d:%i' .)" != "$confine_jail" ]; then
		fail changed "$jail was exchanged while we opened it" "see who can write to the directories on the way to it"
	fi
	# Handle the mounts that the command above left out, one by one.
	writable_mounts | while IFS= read -r confine_mount; do
		mount -o remount,bind,ro "$confine_mount" 2>/dev/null || umount -i -l "$confine_mount" 2>/dev/null || :
	done
	confine_left=$(writable_mounts | head -n 1)
	[ -z "$confine_left" ] || confine_failed "$confine_left stays writable"
}

confine_failed() {
	fail no-namespace "this step cannot be confined to the jail: $1" "see the last lines; nothing in the jail was changed"
}

# Succeeds if mount can remount everything at once (util-linux 2.34 and later). Busybox would mount what is in fstab.
remounts_all() {
	mount --version 2>/dev/null | awk 'match($0, /util-linux [0-9]+\.[0-9]+/) { split(substr($0, RSTART + 11), part, "."); ok = part[1] > 2 || part[1] == 2 && part[2] + 0 >= 34 } END { exit !ok }'
}

# Prints the mounts that this step does not need: those below the jail, and file systems of a network or a daemon, which
# may hang. Keeps those that hold a directory of ours or of the system.
detached_mounts() {
	NEEDED="$jail$line_break$records$line_break${cache-}$line_break${HOME-}" JAIL=$jail awk "$decode_mount"'
		BEGIN { count = split(ENVIRON["NEEDED"], needed, "\n") }
		{
			path = decoded($2)
			away = index(path, ENVIRON["JAIL"] "/") == 1
			if ($3 ~ /^(nfs|nfs4|cifs|smb3|smbfs|9p|ceph|afs|autofs|fuse|fuseblk|fuse\..*|glusterfs|lustre|gfs2|ocfs2)$/ && path !~ /^\/($|(usr|opt|etc|var|bin|sbin|lib[0-9]*|proc|dev|sys)($|\/))/) {
				away = 1
				for (i = 1; i <= count; i++) if (needed[i] != "" && index(needed[i] "/", path "/") == 1) away = 0
			}
			if (away) print path
		}
	' /proc/self/mounts
}

# Prints the reachable mounts that are not read-only, except those that confine made. A mount is unreachable if another
# mount covers it or a parent directory of it.
writable_mounts() {
	OURS="/tmp$line_break$jail$line_break$records$line_break${cache-}" awk "$decode_mount"'
		function covers(over, path) { return path == over || index(path, over == "/" ? "/" : over "/") == 1 }
		# True if another mount covers mount `i`, through which the path of mount `next_one` leads.
		function lost(i, next_one,    other) {
			for (other = 1; other <= NR; other++) if (other != next_one && other != i) {
				if (parent[other] == id[i] && path[other] == path[i]) return 1
				if (parent[other] == parent[i] && covers(path[other], path[i]) && path[other] != "/") return 1
			}
			return (parent[i] in number) && parent[i] != id[i] ? lost(number[parent[i]], i) : 0
		}
		BEGIN { count = split(ENVIRON["OURS"], ours, "\n"); for (i = 1; i <= count; i++) ours_is[ours[i]] }
		{ id[NR] = $1; number[$1] = NR; parent[NR] = $2; path[NR] = decoded($5); writable[NR] = ("," $6 ",") !~ /,ro,/ }
		END { for (i = 1; i <= NR; i++) if (writable[i] && !(path[i] in ours_is) && !lost(i, 0)) print path[i] }
	' /proc/self/mountinfo
}

# Without a namespace, the kernel does not hold the jail for us. So nobody but root may be able to replace a parent
# directory of the jail or a directory in it. Skips the directories that everybody may write to: only the steps that
# empty them go there.
require_root_directories() {
	loose=$(changed_by "$jail" | sed -n '/^sticky /!s/^[a-z]* //p' | head -n 1)
	if [ -z "$loose" ]; then
		loose=$(unless_gone find -P . -xdev \( -path ./scratch -o -path ./tmp -o -path ./dev/shm -o -path "$too_long" \) -prune -o -type d \( ! -user 0 -o -perm -0002 -o -perm -0020 ! -group 0 \) -print | head -n 1)
		loose=${loose:+$jail${loose#.}}
	fi
	if [ -n "$loose" ]; then
		fail no-namespace "the host allows no mount namespace (unshare --mount), or is a chroot, and $(one_line "$loose") can be changed by others than root: a step could be led out of the jail" \
			"allow mount namespaces (a container needs CAP_SYS_ADMIN), or give all directories of the jail and on the way to it to root alone"
	fi
}
