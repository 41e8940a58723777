# inside.sh ($jail $records $safeexec $uid $gid $cpu $clock $memory $processes $files $file_kb $environment $mark $devices $words $checks): runs the programs of the
# dynamic part (checks.py), each under the limits of the caller, or under those that it is to try. Answers as run_in_sandbox
# does, by the program's name.
# uses: disk.sh find-safeexec.sh jail-audit/jail.sh sandbox.sh

open_audited || return 0
if [ -n "$safeexec" ] && ! only_root_changes "$safeexec"; then
	answer unsafe "$changeable"
	return 0
fi
out=$(temporary_folder)
trap 'rm -rf "$out"' EXIT
most_printed=16384
# shellcheck disable=SC2034 # read by limiting
tasks_before=$PYTHON3JAIL_TASKS

# audit PROGRAM [ARGUMENT…]
audit() {
	audited=$1
	shift
	run_in_sandbox "$audited" -S -c "$checks" "$audited" "$@"
}

# within CPU CLOCK MEMORY PROCESSES: the sandbox under these limits.
within() {
	sandbox "$uid" "$gid" "$1" "$2" "$3" "$4" "$files" "$file_kb"
	# One that does not keep its time is ended before long.
	most_seconds=$(($2 + 6))
	if [ "$sandbox_seconds" -gt "$most_seconds" ]; then sandbox_seconds=$most_seconds; fi
}

# The limits of the caller, except that no program is to wait for as long as a real one may.
if [ "$clock" -gt 20 ]; then clock=20; fi
declared() {
	within "$cpu" "$clock" "$memory" "$processes"
}

# The host as the network shows it: its addresses but the loopback's, and where something listens on that (IPv4).
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

# The caller's environment has a variable, and a file is open that only root may read: neither is for the program.
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
# All modules at once need more than most programs.
within "$cpu" "$clock" "$([ "$memory" -gt 262144 ] && echo "$memory" || echo 262144)" "$processes"
audit modules
audit threads
# What the directories that everybody may write to are for.
spaces=$(writable_directories)
if [ -n "$spaces" ]; then
	answer spaces yes
	# shellcheck disable=SC2086 # split into words: neither has white space
	audit spaces $spaces
fi

# What one run leaves, for the next to find.
declared
audit leave "$mark"
left=$(sed -n 's/^left \([0-9]*\)$/\1/p' "$out/leave.printed")
audit find "$mark" "${left:-0}"

# While one waits, another looks around.
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

# What does not end by itself, all at a time.
within 1 40 "$memory" "$processes"
audit spin &
within 1 2 "$memory" "$processes"
audit sleep &
# Whom nobody ends while it is stopped, we end; without a namespace we could not tell it from other people's.
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
