# A digest of all that a remembered reading of a jail follows from: while it is the same, so is the reading. It is computed for every read,
# so it starts few programs.

# state_of JAIL RECORDS [FOLLOWED...]: leaves in $state the digest, and what the accounts and files are that this reading follows from besides.
# The first serves all readings of a jail.
state_place=
state_of() {
	if [ "$state_place" != "$1$line_break$2" ]; then
		state_digest=$(sources_of_readings "$1" "$2" 2>&1 | sha256sum)
		state_digest=${state_digest%% *}
		state_place=$1$line_break$2
	fi
	shift 2
	state_followed=$(for followed; do look_up "$followed"; done 2>&1)
	case $state_followed in
	*"$line_break"*) state_followed=$(printf '%s\n' "$state_followed" | cksum) ;;
	esac
	state="$state_digest ${SUDO_USER-} $state_followed"
}

# look_up FOLLOWED: what an account is, or a file by its absolute path. The files with the accounts of this host alone are in the digest.
look_up() {
	case $1 in
	/*) stat -L -c '%n %i %s %f %u %z' "$1" ;;
	root | *[!0-9]*)
		[ "$1" != root ] && have getent || return 0
		getent passwd "$1" || :
		getent group "$1" || :
		;;
	esac
}

# sources_of_readings JAIL RECORDS: lines that end with a change time, in seconds, where they are of a file. Goes to the jail.
sources_of_readings() {
	source_top=
	if cd -P "$1"; then
		source_top=.
		pwd -P
	fi
	# Busybox has no -printf.
	if find / -maxdepth 0 -printf '' 2>/dev/null; then
		list_inodes() { find "$@" -printf '%p %y %m %U %G %s %i %n %C@\n'; }
		list_spaces() { find "$@" -printf '%p %y %m %U %G %i \n'; }
	else
		list_inodes() { find "$@" -exec stat -c '%n %f %u %g %s %i %h %z %Z' {} +; }
		list_spaces() { find "$@" -exec stat -c '%n %f %u %g %i ' {} +; }
	fi
	# What runs in the jail writes to these all the time. No reading is of what is in them, unless a resource put files there.
	set -- "$1" "$2" \( -path ./scratch -o -path ./tmp -o -path ./dev/shm -o -path "$2/readings" -o -path "$2/lock" \) -prune -o ! -path "$2"
	if [ -d "$2/files" ] && grep -qs -e '^scratch/' -e '^tmp/' -e '^dev/shm/' "$2"/files/*/owned; then
		list_inodes ./scratch ./tmp ./dev/shm -xdev
	fi
	source_jail=$1 source_records=$2
	shift 2
	list_inodes -P ${source_top:+.} "$source_records" -xdev "$@"
	list_spaces ./scratch ./tmp ./dev/shm -maxdepth 0 2>/dev/null
	# The mounts that hold the jail, and those in it.
	JAIL=$source_jail awk 'index(ENVIRON["JAIL"] "/", $2 == "/" ? "/" : $2 "/") == 1 || index($2 "/", ENVIRON["JAIL"] "/") == 1' /proc/self/mounts
	for source in /proc/sys/kernel/random/boot_id /proc/sys/kernel/pid_max; do
		IFS= read -r source_value <"$source" && printf '%s \n' "$source_value"
	done
	# Accounts, the loader's cache, every safeexec that would be found, and the host's libraries that the jail has copies of.
	set -- /etc/passwd /etc/group /etc/nsswitch.conf /etc/os-release /etc/ld.so.cache
	for source in /usr/local/sbin /usr/local/bin /usr/sbin /usr/bin /sbin /bin; do set -- "$@" "$source/safeexec"; done
	if [ -f "$source_records/libraries/index" ]; then
		set -f
		IFS=$line_break
		# shellcheck disable=SC2046  # a path a line
		set -- "$@" $(cut -f 2 "$source_records/libraries/index")
		unset IFS
		set +f
	fi
	stat -L -c '%n %i %s %f %u %z %Z' -- "$@" 2>/dev/null
	# The time zones and the locale that the jail has copies of.
	if [ -d "$source_records/system" ]; then
		set --
		for source in /usr/share/zoneinfo /usr/lib/locale/C.utf8 /usr/lib/locale/C.UTF-8; do
			if [ -d "$source" ]; then set -- "$@" "$source"; fi
		done
		[ $# = 0 ] || list_inodes -L "$@"
	fi
}
