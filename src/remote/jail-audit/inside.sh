# inside.sh ($jail $records $safeexec $uid $gid $cpu $clock $memory $processes $files $file_kb $environment $mark $devices $words $checks):
# runs the programs of the dynamic part (checks.py), each under the caller's limits or under those that it tries.
# Answers like run_in_sandbox, with the program's name.
# uses: disk.sh find-safeexec.sh jail-audit/jail.sh sandbox.sh

open_audited || return 0
if [ -n "$safeexec" ] && ! only_root_changes "$safeexec"; then
	answer unsafe "$changeable"
	return 0
fi
out=$(temporary_directory)
trap 'rm -rf "$out"' EXIT
max_output=16384
# shellcheck disable=SC2034 # read by limiting
tasks_before=$PYTHON3JAIL_TASKS

# audit PROGRAM [ARGUMENT…]: runs one of the programs in the sandbox.
audit() {
	audited=$1
	shift
	run_in_sandbox "$audited" -S -c "$checks" "$audited" "$@"
}

# within CPU CLOCK MEMORY PROCESSES: sets up the sandbox with these limits.
within() {
	sandbox "$uid" "$gid" "$1" "$2" "$3" "$4" "$files" "$file_kb"
	# End a sandbox soon that does not enforce its time limit.
	max_seconds=$(($2 + 6))
	if [ "$sandbox_seconds" -gt "$max_seconds" ]; then sandbox_seconds=$max_seconds; fi
}

# Use the caller's limits, but do not let a program wait as long as a real one may.
if [ "$clock" -gt 20 ]; then clock=20; fi
declared() {
	within "$cpu" "$clock" "$memory" "$processes"
}

# Read the host's addresses except the loopback's, and the ports that listen on the loopback address (IPv4).
addresses=$(awk '/\|--/ { address = $2 } /\/32 host LOCAL/ && address !~ /^127\./ && !seen[address]++ { print address }' /proc/net/fib_trie 2>/dev/null | head -n 4 | tr '\n' ',')
listening=$(awk '
	function hex(text,    i, value) {
		for (i = 1; i <= length(text); i++) value = value * 16 + index("0123456789ABCDEF", substr(text, i, 1)) - 1
		return value + 0
	}
	$4 == "0A" && $2 ~ /^(00000000|0100007F):/ { port = hex(substr($2, 10)); if (!seen[port]++) print port }
' /proc/net/tcp 2>/dev/null | head -n 4 | tr '\n' ',')
free_mb=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)

declared
answer via "$sandbox_via"
answer command "$sandbox_command"
run_in_sandbox hello -u -S -c "print(1+1)"

# Give the caller's environment a variable, and open a file that only root may read: the program must get neither.
umask 077
printf 'secret\n' >"$out/secret"
# shellcheck disable=SC2034 # read by the text that is evaluated (sandbox.sh)
caller_variable=PYTHON3JAIL_AUDIT=$mark
caller_file=$out/secret
audit probe "$addresses" "$listening" "$devices" "${sandbox_file_kb:-0}"
# shellcheck disable=SC2034 # as above
caller_variable=''
caller_file=''

audit fork-bomb "$processes"
audit memory-bomb "$memory" "${free_mb:-0}"
audit output-flood
audit crash
printf '%s\n' "$words" | audit text
# All modules together need more memory than most programs.
within "$cpu" "$clock" "$([ "$memory" -gt 262144 ] && echo "$memory" || echo 262144)" "$processes"
audit modules
audit threads
# Try what the directories are for that everybody may write to.
spaces=$(writable_directories)
if [ -n "$spaces" ]; then
	answer spaces yes
	# shellcheck disable=SC2086 # split into words: neither has white space
	audit spaces $spaces
fi

# Check that a run finds nothing that the run before left.
declared
audit leave "$mark"
left=$(sed -n 's/^left \([0-9]*\)$/\1/p' "$out/leave.printed")
audit find "$mark" "${left:-0}"

# Let one program look around while another one waits.
mkfifo "$out/until"
audit wait-here <"$out/until" &
exec 8>"$out/until"
tries=0
until readlink /proc/[0-9]*/root | grep -Fqx -e "$jail" || [ "$tries" -ge 50 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
sleep 0.1
audit look-around
exec 8>&-

# Run the programs that do not end by themselves, all at the same time.
within 1 40 "$memory" "$processes"
audit spin &
within 1 2 "$memory" "$processes"
audit sleep &
# Kill the stopped program if the sandbox does not. Only in a process namespace: elsewhere it could not be told from
# other people's processes.
if [ "$$" = 1 ]; then
	{ audit stop && : >"$out/stop.ended"; } &
	tries=0
	until [ -e "$out/stop.ended" ] || [ "$tries" -ge 50 ]; do
		tries=$((tries + 1))
		sleep 0.2
	done
	[ -e "$out/stop.ended" ] || grep -l '^State:.T' /proc/[0-9]*/status 2>/dev/null | sed 's|/proc/\(.*\)/status|\1|' | xargs -r kill -KILL
fi
wait
