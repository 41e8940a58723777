# run.sh JAIL RECORDS SAFEEXEC UID GID CPU CLOCK MEMORY PROCESSES FILES PROGRAM…: runs short Python programs in the jail, as
# a user without rights, through safeexec (its path; empty: where the host has it) or through chroot. The limits are in
# seconds and kB; an empty one is safeexec's own, or the one below.
jail=$1 records=$2 safeexec=$3 uid=$4 gid=$5 cpu=$6 clock=$7 memory=$8 processes=$9
shift 9
files=$1
shift

jail_kind
case $jail_is in
none) answer jail none && return 0 ;;
*) open_jail ;;
esac
for tool in timeout env; do have "$tool" || fail missing-tool "there is no $tool on the host" "install coreutils"; done

if [ -z "$safeexec" ]; then
	safeexec=$(command -v safeexec || :)
elif [ ! -f "$safeexec" ] || [ ! -x "$safeexec" ]; then
	fail no-safeexec "there is no program at $safeexec" "install safeexec there, or correct \`safeexec\`"
fi

confined=
if [ -n "$safeexec" ]; then
	answer via safeexec "$safeexec"
else
	# A chroot that first becomes the user, and looks for no names, runs and loads nothing of the jail as root.
	chroot --help 2>&1 | grep -q -e --userspec ||
		fail no-userspec "the host has no safeexec, and its chroot cannot give up root's rights" "install safeexec, or coreutils' chroot (busybox's is not enough)"
	if have setpriv && setpriv --no-new-privs true 2>/dev/null; then confined="$confined setpriv --no-new-privs --"; fi
	for spaces in '--net --ipc --pid --fork --kill-child' '-n'; do
		# shellcheck disable=SC2086  # several options
		if have unshare && unshare $spaces true 2>/dev/null; then
			confined="unshare $spaces --$confined"
			break
		fi
	done
	answer via chroot "$confined"
fi

through_safeexec() {
	set -- --exec_dir / --exec /bin/python3 -u -S -c "$1"
	[ -z "$files" ] || set -- --nfile "$files" "$@"
	[ -z "$processes" ] || set -- --nproc "$processes" "$@"
	[ -z "$memory" ] || set -- --mem "$memory" "$@"
	[ -z "$clock" ] || set -- --clock "$clock" "$@"
	[ -z "$cpu" ] || set -- --cpu "$cpu" "$@"
	# It keeps its own time; this one is for a safeexec that does not end.
	exec timeout -s KILL "$((${clock:-60} + 15))" env -i PATH="$PATH" "$safeexec" --chroot_dir "$jail" --env_vars PY "$@"
}

through_chroot() {
	ulimit -c 0
	ulimit -f 0
	ulimit -t "${cpu:-10}"
	ulimit -n "${files:-512}"
	ulimit -v "${memory:-524288}"
	# The number of processes is -u in bash and -p in the others, where bash has something else.
	ulimit -u "${processes:-16}" 2>/dev/null || ulimit -p "${processes:-16}"
	# shellcheck disable=SC2086  # several words
	exec timeout -s KILL "${clock:-60}" env -i PATH="$PATH" PYTHONIOENCODING=utf-8 PYTHONHOME=/ PYTHONPATH=/static \
		$confined chroot --userspec="+$uid:+$gid" --groups= . /bin/python3 -u -S -c "$1"
}

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# What is sandboxed gets pipes, whose other ends take no more than this; and no descriptor of ours.
most=4096
run() {
	seconds_at_start=$(cut -d ' ' -f 1 /proc/uptime)
	{
		{
			code=0
			(if [ -n "$safeexec" ]; then through_safeexec "$1"; else through_chroot "$1"; fi) 2>&1 >&4 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- || code=$?
			echo "$code" >"$out/code"
		} | head -c "$most" >"$out/errors"
	} 4>&1 | head -c "$most" >"$out/printed"
	answer run "$(cat "$out/code")" "$(awk -v start="$seconds_at_start" '{ printf "%.2f", $1 - start }' /proc/uptime)"
	head -n 20 "$out/printed" | while IFS= read -r line || [ -n "$line" ]; do answer printed "$(one_line "$line")"; done
	tail -n 20 "$out/errors" | while IFS= read -r line || [ -n "$line" ]; do answer error "$(one_line "$line")"; done
}
for program; do run "$program"; done
