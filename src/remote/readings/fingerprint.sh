# A digest of all that a remembered reading of a jail follows from: while it is the same, so is the reading.

# state_of JAIL RECORDS [FOLLOWED...]: leaves in $state the digest, and one of the accounts and files that this reading follows from besides.
# The first serves all readings of a jail.
state_place=
state_of() {
	if [ "$state_place" != "$1$line_break$2" ]; then
		state_digest=$(sources_of_readings "$1" "$2" 2>&1 | sha256sum)
		state_digest=${state_digest%% *}
		state_place=$1$line_break$2
	fi
	shift 2
	state=$state_digest
	[ $# = 0 ] || state="$state $(for followed; do look_up "$followed"; done 2>&1 | cksum)"
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
	# Busybox has no -printf.
	if find / -maxdepth 0 -printf '' 2>/dev/null; then prints=yes; else prints=no; fi
	# What runs in the jail writes to these all the time. No reading is of what is in them, unless a resource put files there.
	spaces=yes
	if grep -qs -e '^scratch/' -e '^tmp/' -e '^dev/shm/' "$2"/files/*/owned; then spaces=no; fi
	if cd -P "$1"; then
		pwd -P
		if [ "$spaces" = no ]; then
			list_inodes -P . -xdev
		else
			list_inodes -P . -xdev \( -path ./scratch -o -path ./tmp -o -path ./dev/shm \) -prune -o
			stat -c '%n %i %f %u %g ' ./scratch ./tmp ./dev/shm 2>/dev/null
		fi
	fi
	list_inodes -P "$2" -mindepth 1 -path "$2/readings" -prune -o -path "$2/lock" -o
	# The mounts that hold the jail, and those in it.
	JAIL=$1 awk 'index(ENVIRON["JAIL"] "/", $2 == "/" ? "/" : $2 "/") == 1 || index($2 "/", ENVIRON["JAIL"] "/") == 1' /proc/self/mounts
	cat /proc/sys/kernel/random/boot_id /proc/sys/kernel/pid_max
	# Accounts, the loader's cache, and every safeexec that would be found.
	stat -L -c '%n %i %s %f %u %z %Z' /etc/passwd /etc/group /etc/nsswitch.conf /etc/ld.so.cache \
		/usr/local/sbin/safeexec /usr/local/bin/safeexec /usr/sbin/safeexec /usr/bin/safeexec /sbin/safeexec /bin/safeexec 2>/dev/null
	# The host's libraries that the jail has copies of, its time zones and its locale.
	if [ -f "$2/libraries/index" ]; then cut -f 2 "$2/libraries/index" | tr '\n' '\0' | xargs -0 -r stat -L -c '%n %i %s %f %z %Z' --; fi
	if [ -d "$2/system" ]; then
		for folder in /usr/share/zoneinfo /usr/lib/locale/C.utf8 /usr/lib/locale/C.UTF-8; do
			if [ -d "$folder" ]; then list_inodes -L "$folder"; fi
		done
	fi
}

# list_inodes -P|-L DIRECTORY [TEST...]: what is there, with all that changes with it.
list_inodes() {
	if [ "$prints" = yes ]; then
		find "$@" -printf '%p %y %m %U %G %s %i %n %C@\n'
	else
		find "$@" -exec stat -c '%n %f %u %g %s %i %h %z %Z' {} +
	fi
}
