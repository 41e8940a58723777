# run.sh JAIL RECORDS SAFEEXEC UID GID CPU CLOCK MEMORY PROCESSES FILES PROGRAM [PROGRAM]: runs short Python programs in the
# jail, as a user without rights, through safeexec (its path; empty: where the host has it) or through chroot. The limits
# are in seconds and kB; an empty one is safeexec's own, or the one below.
jail=$1 records=$2 safeexec=$3 uid=$4 gid=$5 cpu=$6 clock=$7 memory=$8 processes=$9
shift 9
files=$1 program=$2 program_2=${3:-}

jail_kind
case $jail_is in
none) answer jail none && return 0 ;;
*) open_jail ;;
esac
for tool in timeout env; do have "$tool" || fail missing-tool "there is no $tool on the host" "install coreutils"; done

# It is run as root: nobody else may be able to change it.
check_safeexec() {
	if [ "$(stat -L -c %u "$1")" != 0 ] || [ -n "$(find -L "$1" -prune -perm -0002)" ] || [ -n "$(find -L "$1" -prune -perm -0020 ! -group 0)" ]; then
		fail unsafe-safeexec "$1 is not root's alone: others can change it" "give it to root (\`chown root:root\`), mode 4755"
	fi
}

if [ -z "$safeexec" ]; then
	safeexec=$(command -v safeexec || :)
elif [ ! -f "$safeexec" ] || [ ! -x "$safeexec" ]; then
	fail no-safeexec "there is no program at $safeexec" "install safeexec there, or correct \`safeexec\`"
fi

if [ -n "$safeexec" ]; then
	check_safeexec "$safeexec"
	answer via safeexec
	set -- --chroot_dir "$jail" --env_vars PY --exec_dir / --exec /bin/python3
	[ -z "$files" ] || set -- --nfile "$files" "$@"
	[ -z "$processes" ] || set -- --nproc "$processes" "$@"
	[ -z "$memory" ] || set -- --mem "$memory" "$@"
	[ -z "$clock" ] || set -- --clock "$clock" "$@"
	[ -z "$cpu" ] || set -- --cpu "$cpu" "$@"
	set -- "$safeexec" "$@"
	# It keeps its own time; ours is for a safeexec that does not end.
	most_seconds=$((${clock:-60} + 15))
else
	# A chroot that gives up root's rights before it starts python, and looks for no names: as root, nothing of the jail runs.
	chroot --help 2>&1 | grep -q -e --userspec ||
		fail no-userspec "the host has no safeexec, and its chroot cannot give up root's rights" "install safeexec, or coreutils' chroot (busybox's is not enough)"
	set -- chroot --userspec="+$uid:+$gid" --groups= "$jail" /bin/python3
	if have setpriv && setpriv --no-new-privs true; then set -- setpriv --no-new-privs -- "$@"; fi
	if have unshare && unshare -n true; then set -- unshare -n -- "$@"; fi
	set -- env -i PATH="$PATH" PYTHONIOENCODING=utf-8 PYTHONHOME=/ PYTHONPATH=/static "$@"
	answer via chroot
	most_seconds=${clock:-60}
fi
answer command "$(for word; do printf "%s\n" "$word" | sed "s/'/'\\\\''/g; s/.*[^A-Za-z0-9_@%+=:,.\/-].*/'&'/"; done | tr '\n' ' ' | sed 's/ $//')"

# All shells that are sh somewhere have these limits, though POSIX has but -f. The number of processes is -u in bash, and -p
# in the others, where bash has something else.
# shellcheck disable=SC3045
limit_ourselves() {
	ulimit -c 0
	ulimit -f 0
	ulimit -t "${cpu:-10}"
	ulimit -n "${files:-512}"
	ulimit -v "${memory:-524288}"
	ulimit -u "${processes:-16}" 2>/dev/null || ulimit -p "${processes:-16}"
}

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# run NUMBER PROGRAM WORD…: what is sandboxed gets pipes, whose other ends take no more than this, and no descriptor of ours.
most=4096
run() {
	run_number=$1 run_program=$2
	shift 2
	seconds_at_start=$(cut -d ' ' -f 1 /proc/uptime)
	{
		{
			code=0
			(
				[ -n "$safeexec" ] || limit_ourselves
				exec timeout -s KILL "$most_seconds" env -i PATH="$PATH" "$@" -u -S -c "$run_program"
			) 2>&1 >&4 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- || code=$?
			echo "$code" >"$out/code"
		} | head -c "$most" >"$out/errors"
	} 4>&1 | head -c "$most" >"$out/printed"
	answer run "$run_number" "$(cat "$out/code")" "$(awk -v start="$seconds_at_start" '{ printf "%.2f", $1 - start }' /proc/uptime)"
	head -n 20 "$out/printed" | while IFS= read -r line || [ -n "$line" ]; do answer printed "$run_number" "$(one_line "$line")"; done
	tail -n 20 "$out/errors" | while IFS= read -r line || [ -n "$line" ]; do answer error "$run_number" "$(one_line "$line")"; done
}
run 1 "$program" "$@"
if [ -n "$program_2" ]; then run 2 "$program_2" "$@"; fi
