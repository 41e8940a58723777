# What every remote step begins with. POSIX sh (dash, busybox, bash): no bashisms.
#
# A step answers on standard output, in lines of fields parted by tabs; the caller parses and checks them. Everything
# else (what tools print) goes to standard error and is shown where the step fails.

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 022
set -eu
exec 3>&1 1>&2
# Not in a folder of the login's own: what looks for files where it is finds none that somebody left there.
cd /

# A shell that a signal ends does what is to be done at its exit in bash alone; so that no step leaves its temporary folders when
# nobody listens any more, all end by themselves. What is started has the signals as they were; a subshell has to call this again.
end_on_signals() {
	trap 'exit 1' PIPE HUP INT TERM
}
end_on_signals

tab=$(printf '\t')
line_break='
'

# decoded(FIELD), for awk: a path of /proc/self/mounts, in one line.
# shellcheck disable=SC2016  # awk's
decode_mount='function decoded(path) { gsub(/\\040/, " ", path); gsub(/\\011/, "\t", path); gsub(/\\012/, "?", path); gsub(/\\134/, "\\", path); return path }
'

# The pattern of find for a path of 3500 bytes and more. The kernel takes 4095 at once, and a name has 255 at most: what matches can be named, and
# what lies in it may be out of reach. So a listing names it and goes on beside it (`-path "$too_long" -prune`).
too_long='??????????????????????????????????????????????????'
too_long=$too_long$too_long$too_long$too_long$too_long$too_long$too_long$too_long$too_long$too_long
too_long="$too_long$too_long$too_long$too_long$too_long$too_long$too_long*"

# A path as a pattern of find that stands for it alone.
escaped() {
	sed 's/[][*?\\]/\\&/g'
}

# One line of the answer. Fields come from us or were checked; use one_line for what others wrote.
answer() {
	answer_line=$1
	shift
	for answer_field; do answer_line=$answer_line$tab$answer_field; done
	printf '%s\n' "$answer_line" >&3
}

# Text that others may have written (a tool's message, a file name), made fit for one field.
one_line() {
	case $1 in
	*[!\ -~]*) ;;
	*)
		# The usual case, without a process.
		if [ ${#1} -le 400 ]; then
			printf '%s' "$1"
			return
		fi
		;;
	esac
	printf '%s' "$1" | tr '\000-\037\177' '?' | cut -c1-400
}

# fail CODE REASON REMEDY: ends the step.
fail() {
	answer fail "$1" "$(one_line "$2")" "$(one_line "$3")"
	exit 1
}

warn() {
	answer warn "$(one_line "$1")"
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# temporary_folder: makes a directory for files of this step, which its end removes, and prints its path. Removes those of steps that
# were killed.
temporary_folder() {
	find "${TMPDIR:-/tmp}" -mindepth 1 -maxdepth 1 -type d -user 0 -name 'python3jail-[0-9]*.??????' | while IFS= read -r temporary_left; do
		temporary_pid=${temporary_left##*/python3jail-}
		[ -d "/proc/${temporary_pid%.*}" ] || rm -rf "$temporary_left"
	done
	mktemp -d "${TMPDIR:-/tmp}/python3jail-$$.XXXXXX"
}

# need_tools NAME...: ends the step where the host lacks one of these. Builtins alone do it: any tool may be missing.
need_tools() {
	tools_lacking=
	for tool; do have "$tool" || tools_lacking="$tools_lacking $tool"; done
	if [ -n "$tools_lacking" ]; then
		answer lacks-tools "${tools_lacking# }" "$(os_release ID)" "$(os_release ID_LIKE)"
		exit 1
	fi
}

# Goes to a directory, one component at a time, through no symbolic link: whoever may write on the way cannot lead us
# elsewhere, because once inside a directory we hold it, whatever its path becomes. 1: a component is not there;
# 2: a component is a link or no directory (refused_component says which).
refused_component=
go_to() {
	case $1 in
	/*) cd / || return 2 ;;
	esac
	go_rest=${1#/}
	go_from=$(pwd -P)
	while [ -n "$go_rest" ]; do
		go_part=${go_rest%%/*}
		case $go_rest in
		*/*) go_rest=${go_rest#*/} ;;
		*) go_rest= ;;
		esac
		case $go_part in
		'' | .) continue ;;
		esac
		go_to_be=${go_from%/}/$go_part
		if [ -L "./$go_part" ]; then
			refused_component=$go_to_be
			return 2
		fi
		[ -e "./$go_part" ] || return 1
		if ! cd -P "./$go_part" 2>/dev/null || ! go_from=$(pwd -P) || [ "$go_from" != "$go_to_be" ]; then
			refused_component=$go_to_be
			return 2
		fi
	done
}

# To the jail's folder; whoever may write to its parent cannot lead us elsewhere.
to_jail() {
	if ! cd -P "$jail" 2>/dev/null || [ "$(pwd -P)" != "$jail" ]; then
		fail gone "the jail went away while we worked in it" "run the same command again"
	fi
}

# The same as go_to, from the jail's folder, for a relative path; ends the step where it meets a link.
go_in_jail() {
	case $1 in
	/*) fail symlink "$1 is not inside the jail" "this is a defect: please report it" ;;
	esac
	to_jail
	go_status=0
	go_to "$1" || go_status=$?
	if [ "$go_status" = 2 ]; then
		fail symlink "$refused_component is a symbolic link or no directory: nothing is written through it" "remove it, then run \`pulumi up\` again"
	fi
	return "$go_status"
}

# top_mode NAME: the mode that JailPermissions gives a folder at the jail's top, where nothing else is declared. What is made has it at once:
# there may be no JailPermissions after it.
top_mode() {
	case $1 in
	bin | static) echo 0755 ;;
	scratch) echo 0770 ;;
	*) echo 0751 ;;
	esac
}

# Makes and enters the folders of a relative path, one by one, from a folder that we are in.
make_folders() {
	make_rest=$1
	while [ -n "$make_rest" ] && [ "$make_rest" != . ]; do
		make_part=${make_rest%%/*}
		case $make_rest in
		*/*) make_rest=${make_rest#*/} ;;
		*) make_rest= ;;
		esac
		[ -e "./$make_part" ] || refuse_mounted_here "$make_part"
		make_from=$(pwd -P)
		make_from=${make_from%/}
		[ -e "./$make_part" ] || [ -L "./$make_part" ] || make_folder "$make_from" "$make_part" || fail unwritable "$make_from/$make_part cannot be made" "is the file system read-only or full?"
		if [ -L "./$make_part" ] || ! cd -P "./$make_part" || [ "$(pwd -P)" != "$make_from/$make_part" ]; then
			fail symlink "$make_from/$make_part is a symbolic link or no directory: nothing is written through it" "remove it, then run \`pulumi up\` again"
		fi
	done
}

# make_folder FROM NAME: makes a folder in the one that we are in, which is at FROM.
make_folder() {
	if [ "$1" = "$jail" ]; then mkdir -m "$(top_mode "$2")" "./$2"; else mkdir "./$2"; fi
}

# private_directory PATH: a directory of ours outside the jail, root's and closed to all others, on a path that only root can change. Takes
# over no directory of somebody else.
private_directories=$line_break
private_directory() {
	case $private_directories in
	*"$line_break${1%/*}$line_break"*) ;;
	*)
		private_way=$(nearest_folder "$1")
		if [ "$(cd -P "$private_way" && pwd -P)" != "$private_way" ]; then
			fail symlink "a component of $private_way is a symbolic link" "give the real path in \`directories\`"
		fi
		private_others=$(changed_by "$private_way" | grep -v '^sticky ' | head -n 1)
		if [ -n "$private_others" ]; then
			fail record-directory "$1 is not safe: others than root can change ${private_others#* } (its ${private_others%% *})" "give a place in \`directories\` whose parents are all root's (\`chown root:root\`, \`chmod go-w\`)"
		fi
		;;
	esac
	if [ -e "$1" ] && [ "$(stat -c %u "$1")" != 0 ]; then
		fail record-directory "$1 exists and is not root's" "see whose it is, or give another place in \`directories\`"
	fi
	mkdir -p "$1" || fail record-directory "$1 cannot be made" "give another place in \`directories\`"
	if [ -L "$1" ]; then fail symlink "$1 is a symbolic link" "remove it, or give another place in \`directories\`"; fi
	if ! { chown 0:0 "$1" && chmod 0700 "$1"; }; then
		fail record-directory "$1 cannot be made root's own" "give another place in \`directories\`"
	fi
	private_directories=$private_directories$1$line_break
}

# changed_by PATH: who besides root can change what is at PATH, or a directory on the way to it (PATH has no symbolic link), nearest first.
# Lines `WHO PATH`. WHO is `everybody`, `sticky` (everybody, but each only what is theirs), `group` or `owner`.
changed_by() {
	changed_way=${1%/}
	set --
	while [ -n "$changed_way" ]; do
		set -- "$@" "$changed_way"
		changed_way=${changed_way%/*}
	done
	stat -c '%u %g %A %n' -- "$@" / | awk '
		function tell(who) { path = $0; sub(/^[0-9]+ [0-9]+ [^ ]+ /, "", path); print who, path }
		$1 != 0 { tell("owner"); next }
		$3 ~ /^d.*w[tT]$/ { tell("sticky"); next }
		$3 ~ /^........w/ { tell("everybody"); next }
		$2 != 0 && $3 ~ /^.....w/ { tell("group") }
	'
}

# write_record FILE: standard input becomes a file of our records: whole, or not at all.
write_record() {
	cat >"$1.new"
	mv -f "$1.new" "$1"
}

# Seconds that a lock is waited for: fewer than a step may take, or that would only be told to have lasted too long.
lock_patience=100

# Keeps a second operation off this jail until the step ends; the kernel lets go when its holder dies.
lock_jail() {
	have flock || fail missing-tool "there is no flock on the host" "install util-linux"
	private_directory "$records"
	: >>"$records/lock"
	# For reading: a file that is open for writing would keep confine from making its file system read-only.
	exec 9<"$records/lock"
	if ! take_lock 9; then
		fail locked "another operation is at work on $jail ($(cat "$records/holder" 2>/dev/null || :))" "wait for it to end, then run this one again"
	fi
	printf 'process %s since %s' "$$" "$(date '+%Y-%m-%d %H:%M:%S')" >"$records/holder"
}

# take_lock DESCRIPTOR
take_lock() {
	if flock --help 2>&1 | grep -q -e '-w'; then
		flock -w "$lock_patience" "$1"
		return
	fi
	# Busybox's flock cannot wait.
	lock_tries=0
	until flock -n "$1"; do
		lock_tries=$((lock_tries + 1))
		[ "$lock_tries" -le $((lock_patience * 5)) ] || return 1
		sleep 0.2
	done
}

# change_jail: locks the jail that we are in and confines this step to it. Every step that changes something in a jail calls it first.
change_jail() {
	lock_jail
	confine
}

# confine: from here on the kernel keeps this step inside. It runs in a mount namespace of its own ($namespace is `private`, see program.ts),
# in which everything becomes read-only but the jail that we are in, our records of it, and our cache if the step has $cache. /tmp is a new
# one. What is mounted below the jail is detached there, so that no step reaches it.
#
# Where the host allows no namespace ($namespace is `refused`), goes on only if nobody but root can exchange a directory.
confine() {
	host_mounts=$(mount_points)
	jail_mounts=$(mounts_below "$jail")
	# In a plain chroot the root directory is no mount, so it cannot be made read-only.
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
	*) fail no-namespace "this step changes a jail and was started without a mount namespace" "this is a defect: please report it" ;;
	esac
	confine_jail=$(stat -c '%d:%i' .)
	[ -z "${cache-}" ] || private_directory "$cache"
	# What an operator mounted read-only stays so: below, everything of ours becomes writable.
	for confine_place in "$jail" "$records" ${cache:+"$cache"}; do
		if has_option "$confine_place" ro; then fail read-only "$confine_place is mounted read-only" "mount it so that it can be written, then run the same command again"; fi
	done
	detached_mounts | tr '\n' '\0' | xargs -0 -r umount -i -l 2>/dev/null || :
	if remounts_all; then mount -a -o remount,bind,ro 2>/dev/null || :; fi
	mount -t tmpfs -o mode=0700,nosuid,nodev python3jail /tmp || confine_failed "/tmp cannot be mounted"
	for confine_place in "$jail" "$records" ${cache:+"$cache"}; do
		# The new /tmp hides a place below the old one: this bind fails then, and the step ends.
		mount --bind "$confine_place" "$confine_place" || confine_failed "$confine_place cannot be bound"
		mount -o remount,bind,rw "$confine_place" || confine_failed "$confine_place cannot be made writable"
	done
	if ! cd -P "$jail" || [ "$(pwd -P)" != "$jail" ] || [ "$(stat -c '%d:%i' .)" != "$confine_jail" ]; then
		fail changed "$jail was exchanged while we opened it" "see who can write to the directories on the way to it"
	fi
	# Those that the command above leaves out, one by one.
	writable_mounts | while IFS= read -r confine_mount; do
		mount -o remount,bind,ro "$confine_mount" 2>/dev/null || umount -i -l "$confine_mount" 2>/dev/null || :
	done
	confine_left=$(writable_mounts | head -n 1)
	[ -z "$confine_left" ] || confine_failed "$confine_left stays writable"
}

confine_failed() {
	fail no-namespace "this step cannot be confined to the jail: $1" "see the last lines; nothing in the jail was changed"
}

# Whether mount can remount all at once (util-linux 2.34 and later); busybox would mount what is in fstab.
remounts_all() {
	mount --version 2>/dev/null | awk 'match($0, /util-linux [0-9]+\.[0-9]+/) { split(substr($0, RSTART + 11), part, "."); ok = part[1] > 2 || part[1] == 2 && part[2] + 0 >= 34 } END { exit !ok }'
}

# The mounts that this step does without: those below the jail, and file systems of a network or a daemon, which may hang, unless they hold
# something of ours or of the system.
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

# The mounts that can be reached and are not read-only, but for those that confine made. A mount is out of reach where another one lies over
# it or over a directory on the way to it.
writable_mounts() {
	OURS="/tmp$line_break$jail$line_break$records$line_break${cache-}" awk "$decode_mount"'
		function covers(over, path) { return path == over || index(path, over == "/" ? "/" : over "/") == 1 }
		# Whether the way to mount `next_one` through mount `i` ends at another one.
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

# Without a namespace nothing holds the jail for us: nobody else may be able to exchange a directory on the way to it or in it. The
# directories that all may write to are left out with what is in them: only what empties them goes in there.
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

marker=REM_this_is_jail
id_file=.python3jail

# What the folder at $jail is: `none`, `ours`, `marked` (a jail made by hand), `lost` (ours by its record, marker or id
# gone), `empty`, `foreign`. Leaves us in it where it exists.
jail_kind() {
	kind_status=0
	go_to "$jail" || kind_status=$?
	if [ "$kind_status" = 1 ]; then
		jail_is=none
	elif [ "$kind_status" = 2 ]; then
		fail symlink "$refused_component is a symbolic link or no directory" "give the jail's real path as \`path\`"
	else
		kind_id=
		if [ -f "$records/id" ]; then IFS= read -r kind_id <"$records/id" || :; fi
		if [ -n "$kind_id" ] && is_file "$id_file" && [ "$(head -c 64 "$id_file")" = "$kind_id" ] && is_file "$marker"; then
			jail_is=ours
		elif [ -n "$kind_id" ] && [ "$(cat "$records/inode" 2>/dev/null || :)" = "$(stat -c '%d:%i' .)" ]; then
			jail_is=lost
		elif is_file "$marker"; then
			jail_is=marked
		elif [ -z "$(ls -A .)" ]; then
			jail_is=empty
		else
			jail_is=foreign
		fi
	fi
}

is_file() {
	[ -f "./$1" ] && [ ! -L "./$1" ]
}

# Every step but JailRoot's begins here or below: it works in a jail of ours or not at all.
open_jail() {
	jail_kind
	refuse_others
}

# For a step that has nothing to do where there is no jail: it answers so, with 1. Where a jail stands there of which we have no records,
# they may have been deleted: JailRoot makes them anew (lifecycle.ts).
open_jail_if_there() {
	jail_kind
	if [ "$jail_is" = none ]; then
		answer jail none
		return 1
	fi
	case $jail_is in
	marked | empty) [ -s "$records/id" ] || fail unrecorded "the host has no records of the jail at $jail" "run \`pulumi up --refresh\`: it makes them anew" ;;
	esac
	refuse_others
}

refuse_others() {
	case $jail_is in
	ours | lost) ;;
	none) fail gone "there is no jail at $jail" "run \`pulumi up --refresh\`: it makes the jail anew" ;;
	*) fail not-a-jail "$jail is not a jail that was made here" "see what is in it; JailRoot must come first" ;;
	esac
}

# unless_gone COMMAND...: in a jail in use, files vanish between the listing and the look at each. A command that fails, and complains
# of nothing but that, has done its work.
unless_gone() {
	gone_status=0
	{ gone_said=$("$@" 2>&1 >&5 5>&-) || gone_status=$?; } 5>&1
	if [ -n "$gone_said" ]; then printf '%s\n' "$gone_said" >&2; fi
	if printf '%s\n' "$gone_said" | grep -qv ': No such file or directory$'; then return "$gone_status"; fi
}

# The mount options of the file system that holds a directory: of the last mount on the way to it, which hides those before.
mount_options() {
	POINT=$(cd -P "$1" && pwd -P) awk "$decode_mount"'
		{ path = decoded($2) }
		path == "/" || index(ENVIRON["POINT"] "/", path "/") == 1 { found = $4 }
		END { print found }
	' /proc/self/mounts
}

# The nearest folder on the way to a path that may not be there yet.
nearest_folder() {
	nearest=$1
	while [ ! -d "$nearest" ]; do nearest=$(dirname "$nearest"); done
	printf '%s' "$nearest"
}

# os_release NAME: what the distribution says of itself (os-release(5)); empty where it says nothing.
os_release() (
	release=/etc/os-release
	[ -r "$release" ] || release=/usr/lib/os-release
	[ -r "$release" ] || return 0
	# shellcheck disable=SC1090
	. "$release"
	case $1 in
	ID) one_line "${ID:-}" ;;
	ID_LIKE) one_line "${ID_LIKE:-}" ;;
	VERSION_ID) one_line "${VERSION_ID:-}" ;;
	PRETTY_NAME) one_line "${PRETTY_NAME:-}" ;;
	esac
)

# The free megabytes of the file system that holds a directory.
free_mb() {
	df -Pk "$1" | awk 'NR == 2 && match($0, / [0-9]+ +([0-9]+%|-) +\//) { print int(substr($0, RSTART + 1) / 1024) }'
}

has_option() {
	case ",$(mount_options "$1")," in
	*",$2,"*) return 0 ;;
	esac
	return 1
}

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
		if [ -L "$remove_pen" ] || ! cd -P "$remove_pen" || ! is_private . || [ -n "$(ls -A .)" ]; then fail changed "$remove_pen was exchanged while we made it" "see who works in the jail"; fi
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

# hold_folder: makes a fresh folder in the jail, root's and closed, and holds it by descriptor 8. $held leads to it from then
# on, whatever the jail's own user makes of its name. All that gets into the jail is made in there, and renamed by `put`.
#
# What an install has moved away for the moment, and others put there, is in its folder: it has a name of its own, which only it
# removes ($swap, named before anything else is done).
held=/proc/self/fd/8
swap=.python3jail.swap
hold_folder() {
	to_jail
	if [ -e "./$swap" ] || [ -L "./$swap" ]; then remove_trees -name "$swap"; fi
	mkdir -m 0700 "./$swap"
	go_in_jail "$swap"
	is_private . || fail changed "$swap in the jail was exchanged while we made it" "see who works in the jail"
	exec 8<.
	to_jail
}

# Whether a folder is root's and closed. Where a folder hands its group on, one in it has the setgid bit too.
is_private() {
	case $(stat -c '%u %a' "$1") in
	'0 700' | '0 2700') ;;
	*) return 1 ;;
	esac
}

# hold_left_swap: holds by descriptor 7 what an operation of ours that was cut off has left in the swap folder; 1: there is none.
hold_left_swap() {
	to_jail
	if [ ! -d "./$swap" ] || [ -L "./$swap" ]; then return 1; fi
	exec 7<"./$swap"
	# By what we hold, not by its name.
	if [ "$(readlink /proc/self/fd/7)" = "$jail/$swap" ] && is_private /proc/self/fd/7/; then return 0; fi
	exec 7<&-
	return 1
}

drop_folder() {
	exec 8<&-
	to_jail
	# Empty, as a rule.
	rmdir "./$swap" 2>/dev/null || remove_trees -name "$swap"
}

# put SOURCE NAME: renames a thing into the folder that we are in, over what has that name; never into a folder of that
# name, nor through a link.
put() {
	refuse_mounted_here "$2"
	if mv -f -T -- "$1" "./$2" 2>/dev/null; then return 0; fi
	# Busybox takes a link to a directory for one.
	if [ -L "./$2" ]; then rm -f "./$2"; fi
	if [ -d "./$2" ] && [ ! -d "$1" ]; then fail in-the-way "$(pwd -P)/$2 is a directory" "see what is in it and remove it, then run \`pulumi up\` again"; fi
	mv -f -T -- "$1" "./$2"
}

# What is mounted below a directory (given without a symbolic link in its path), one a line.
mounts_below() {
	mount_points | BELOW=$1 awk 'index($0, ENVIRON["BELOW"] "/") == 1'
}

is_mount_point() {
	mount_points | grep -Fqx -e "$1"
}

# The mount points of the host. In a confined step: as they were before.
mount_points() {
	if [ -n "${host_mounts-}" ]; then
		printf '%s\n' "$host_mounts"
	else
		awk "$decode_mount"'{ print decoded($2) }' /proc/self/mounts
	fi
}

# refuse_mounted: ends the step where something is mounted at, below or above one of the paths (relative to the jail) on standard input. They
# are to be made, replaced or removed: that would detach the mount or be hidden by it.
refuse_mounted() {
	[ -n "$jail_mounts" ] || return 0
	refuse_first=$(JAIL=$jail MOUNTS=$jail_mounts awk '
		BEGIN { count = split(ENVIRON["MOUNTS"], mounts, "\n") }
		{
			path = ENVIRON["JAIL"] "/" $0
			for (i = 1; i <= count; i++) if (index(mounts[i] "/", path "/") == 1 || index(path, mounts[i] "/") == 1) { print mounts[i]; exit }
		}
	')
	[ -z "$refuse_first" ] || fail mounted "$(one_line "$refuse_first") is mounted in the jail, where this step makes, replaces or removes files" "unmount it (\`umount\`), then run the same command again"
}

# is_mounted PATH: whether a path of the jail is a mount point, or lies below one.
is_mounted() {
	[ -n "${jail_mounts-}" ] && printf '%s\n' "$jail_mounts" | MOUNTED=$jail/$1 awk 'index(ENVIRON["MOUNTED"] "/", $0 "/") == 1 { found = 1 } END { exit !found }'
}

# refuse_mounted_here NAME...: the same for names in the directory that we are in, right before they are removed or replaced.
refuse_mounted_here() {
	[ -n "${jail_mounts-}" ] || return 0
	refuse_here=$(pwd -P)
	refuse_here=${refuse_here#"$jail"}
	for refuse_name; do printf '%s/%s\n' "$refuse_here" "${refuse_name#./}"; done | sed 's|^/||' | refuse_mounted
}

# Whether this jail is still its: not one that is kept as a release, though another has taken its place; and after a host was
# given another name, the new name's jail is the old one's, and the old name's removal must leave it alone.
still_mine() {
	if [ -f "$records/kept" ]; then return 1; fi
	if [ ! -s "$records/host" ] || [ "$(cat "$records/host")" = "$logical_host" ]; then return 0; fi
	warn "$jail belongs to $(one_line "$(cat "$records/host")") now: left alone"
	return 1
}
