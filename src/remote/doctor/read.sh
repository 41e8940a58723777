# read.sh ($jail $records $cache $tools $login $firewall "$@", what a build needs): reads whether the host has what our
# steps need. Changes nothing. Any tool may be missing: leaves out what cannot be read without it. $tools: names of
# tools, separated by spaces.
# uses: mounts.sh needs.sh records.sh safeexec/taken.sh

# Read what the kernel says of this shell.
doctor_uid=
while read -r doctor_name doctor_value _; do
	case $doctor_name in
	Uid:) answer uid "$doctor_value" && doctor_uid=$doctor_value ;;
	CapEff:) answer capabilities "$doctor_value" ;;
	Seccomp:) answer seccomp yes ;;
	esac
done </proc/self/status

read -r doctor_first doctor_host doctor_count </proc/self/uid_map || :
case "${doctor_first-} ${doctor_host-} ${doctor_count-}" in
'0 0 4294967295' | '  ') answer user-namespace no ;;
*) answer user-namespace yes ;;
esac

# Check whether a login other than root can become root.
if [ "$doctor_uid" != 0 ]; then
	if ! have sudo; then
		answer sudo none
	elif sudo -n true 2>/dev/null; then
		answer sudo yes
	else
		answer sudo no
	fi
fi

for doctor_tool in $tools; do
	have "$doctor_tool" || answer lacks-tool "$doctor_tool"
done
answer_needs "$@"
if have chroot && chroot --help 2>&1 | grep -q -e --userspec; then answer feature userspec yes; else answer feature userspec no; fi

try() {
	doctor_feature=$1
	shift
	if "$@" >/dev/null 2>&1; then answer feature "$doctor_feature" yes; else answer feature "$doctor_feature" no; fi
}
try mount-namespace unshare --mount --propagation private mount -t tmpfs none /tmp
try pid-namespace unshare --pid --fork --kill-child --mount-proc true
try network-namespace unshare -n -i true
try no-new-privileges setpriv --no-new-privs true

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	answer cgroups 2
elif [ -d /sys/fs/cgroup/memory ]; then
	answer cgroups 1
else
	answer cgroups none
fi

# Read what is at the jail's path.
if [ -L "$jail" ]; then
	answer place symlink
elif [ -d "$jail" ]; then
	if [ -d "$records" ]; then
		answer place ours
	elif [ -f "$jail/REM_this_is_jail" ]; then
		answer place jail
	elif have ls && [ -z "$(ls -A "$jail")" ]; then
		answer place empty
	else
		answer place other
	fi
elif [ -e "$jail" ]; then
	answer place file
else
	answer place none
fi

if have awk && have dirname; then
	for doctor_path in "$jail" "$records" "$cache"; do
		doctor_place=$(nearest_directory "$doctor_path")
		answer mounted "$doctor_path" "$(one_line "$(mount_options "$doctor_place")")"
	done
fi

if have awk && have cat && have sort && have readlink; then answer_taken "$firewall"; fi

# sshd_title: prints the process title of the SSH server that accepted our login: how it was started, and how many
# logins may be in-flight at once.
sshd_title() {
	doctor_pid=$PPID
	while [ "$doctor_pid" -gt 0 ]; do
		doctor_title=$(tr '\000' ' ' <"/proc/$doctor_pid/cmdline")
		case $doctor_title in
		*sshd*'[listener]'*)
			printf '%s' "$doctor_title"
			return
			;;
		esac
		doctor_pid=$(awk '$1 == "PPid:" { print $2 }' "/proc/$doctor_pid/status")
	done
}

if have sshd && have awk && have sed && have tr; then
	doctor_title=$(sshd_title 2>/dev/null || :)
	doctor_config=$(printf '%s\n' "$doctor_title" | sed -n 's/.* -f \([^ ]*\) .*/\1/p')
	{ sshd -T ${doctor_config:+-f "$doctor_config"} -C "user=$login,host=localhost,addr=127.0.0.1" 2>/dev/null || :; } |
		awk '$1 == "maxsessions" || $1 == "maxstartups" { print $1, $2 }' | while read -r doctor_name doctor_value; do
		answer sshd "$doctor_name" "$(one_line "$doctor_value")"
	done
	printf '%s\n' "$doctor_title" | sed -n 's/.* of \([0-9]*\)-\([0-9]*\) startups.*/\1 \2/p' | while read -r doctor_begin doctor_most; do
		answer startups "$doctor_begin" "$doctor_most"
	done
fi

if have date; then answer time "$(date +%s)"; fi
