# Compute a digest of everything that the readings of a jail depend on. While the digest is the same, the readings are
# the same. Every read computes it, so it starts few programs.

# state_of JAIL RECORDS [FOLLOWED...]: sets $state to the digest, which all readings of a jail share, and the state of
# the further accounts and files (FOLLOWED) that this reading depends on.
state_place=
state_of() {
	if [ "$state_place" != "$1$line_break$2" ]; then
		state_digest=$(sources_of_readings "$1" "$2" 2>&1 | sha256sum)
		state_digest=${state_digest%% *}
		state_place=$1$line_break$2
	fi
	shift 2
	state_followed=$(followed_states "$@" 2>&1)
	case $state_followed in
	*"$line_break"*) state_followed=$(printf '%s\n' "$state_followed" | cksum) ;;
	esac
	state="$state_digest ${SUDO_USER-} $state_followed"
}

# followed_states [FOLLOWED...]: prints the entry of each account, and the state of each file (an absolute path). The
# digest covers accounts in /etc/passwd and /etc/group, but not those of a directory service.
followed_states() {
	for followed; do
		shift
		case $followed in
		/*) set -- "$@" "$followed" ;;
		root | *[!0-9]*)
			if [ "$followed" = root ] || ! have getent; then continue; fi
			getent passwd "$followed" || :
			getent group "$followed" || :
			;;
		esac
	done
	[ $# = 0 ] || stat -L -c '%n %i %s %f %u %z' -- "$@" || :
}

# sources_of_readings JAIL RECORDS: prints everything that the digest covers. A line about a file ends with its change
# time in seconds. Enters the jail's directory.
sources_of_readings() {
	# Busybox's find has no -printf.
	if find / -maxdepth 0 -printf '' 2>/dev/null; then
		list_inodes() { find "$@" -printf '%p %y %m %U %G %s %i %n %C@\n'; }
		list_spaces() { find "$@" -printf '%p %y %m %U %G %i \n'; }
	else
		list_inodes() { find "$@" -exec stat -c '%n %f %u %g %s %i %h %z %Z' {} +; }
		list_spaces() { find "$@" -exec stat -c '%n %f %u %g %i ' {} +; }
	fi
	source_jail=$1 source_records=$2 source_top=
	# Programs in the jail write to these directories all the time. Readings do not depend on their content, unless a
	# resource put files there.
	set -- \( -path ./scratch -o -path ./tmp -o -path ./dev/shm -o -path "$source_records/readings" -o -path "$source_records/lock" \) -prune \
		-o ! -path "$source_records"
	if cd -P "$source_jail"; then
		source_top=.
		pwd -P
		list_spaces ./scratch ./tmp ./dev/shm -maxdepth 0 2>/dev/null
		if grep -qs -e '^\(\./\)\{0,1\}tmp/' -e '^\(\./\)\{0,1\}dev/shm/' "$source_records/manifest/git" "$source_records/git.files"; then
			list_inodes ./tmp ./dev/shm -xdev
		fi
	fi
	list_inodes -P ${source_top:+.} "$source_records" -xdev "$@"
	# The mounts of the jail's parent directories, and those in the jail.
	JAIL=$source_jail awk 'index(ENVIRON["JAIL"] "/", $2 == "/" ? "/" : $2 "/") == 1 || index($2 "/", ENVIRON["JAIL"] "/") == 1' /proc/self/mounts
	for source in /proc/sys/kernel/random/boot_id /proc/sys/kernel/pid_max /proc/sys/kernel/hostname; do
		IFS= read -r source_value <"$source" && printf '%s \n' "$source_value"
	done
	# Accounts, the loader's cache, every possible path of safeexec, and the host's libraries that the jail has copies
	# of.
	set -- /etc/passwd /etc/group /etc/nsswitch.conf /etc/os-release /etc/ld.so.cache
	for source in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do set -- "$@" "$source/safeexec"; done
	# The second path is that of an earlier release.
	source_list=$source_records/manifest/libraries.sources
	[ -f "$source_list" ] || source_list=$source_records/libraries/index
	if [ -f "$source_list" ]; then
		set -f
		IFS=$line_break
		# shellcheck disable=SC2046  # one path a line
		set -- "$@" $(cut -f 2 "$source_list")
		unset IFS
		set +f
	fi
	stat -L -c '%n %i %s %f %u %z %Z' -- "$@" 2>/dev/null
	# The host's time zones and the locale that the jail has copies of.
	if [ -f "$source_records/manifest/system" ] || [ -d "$source_records/system" ]; then
		set --
		for source in /usr/share/zoneinfo /usr/lib/locale/C.utf8 /usr/lib/locale/C.UTF-8; do
			if [ -d "$source" ]; then set -- "$@" "$source"; fi
		done
		[ $# = 0 ] || list_inodes -L "$@"
	fi
}
