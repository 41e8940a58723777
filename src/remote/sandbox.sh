# Run Python in the jail as an unprivileged user: with safeexec, or, if there is none, with a chroot that drops its
# privileges and limits itself. The limits are in seconds and kB. An empty one means safeexec's default, or those below
# and in limits.sh.
# uses: find-safeexec.sh limits.sh manifest.sh

# The bytes that are read of each of a run's two outputs.
max_output=4096

# The variables that every program gets, and safeexec's option for them.
usual_variables='PYTHONIOENCODING=utf-8 PYTHONHOME=/ PYTHONPATH=/static'
usual_variables_in_short=PY

# For an audit: a variable (NAME=VALUE) and an open file that the caller of the sandbox has, and that the program must
# not get.
# shellcheck disable=SC2034 # read by the text that is evaluated
caller_variable=''
caller_file=''

# The default limit on a program's file size, in kB, if JailSystem made a directory that programs may write to.
usual_file_kb=65536

# writable_directories: prints the directories that JailSystem made for programs to write to.
writable_directories() {
	entries_of system | sed -n "s/^dir$tab-${tab}1777$tab//p" | sort -u
}

# sandbox UID GID CPU CLOCK MEMORY PROCESSES FILES FILE_KB: sets $sandbox_via (safeexec or chroot) and $sandbox_command,
# the words of the command line with all its limits, quoted for a shell. Python's own arguments follow them.
# $environment is a list of further variables, which no shell needs to quote.
# shellcheck disable=SC2086  # variables are words
sandbox() {
	for tool in timeout env; do have "$tool" || fail missing-tool "there is no $tool on the host" "install coreutils"; done
	sandbox_cpu=$3 sandbox_clock=$4 sandbox_memory=$5 sandbox_processes=$6 sandbox_files=$7 sandbox_file_kb=$8
	if [ -z "$sandbox_file_kb" ] && [ -n "$(writable_directories)" ]; then sandbox_file_kb=$usual_file_kb; fi
	if [ -n "$safeexec" ]; then
		only_root_changes "$safeexec" ||
			fail unsafe-safeexec "$safeexec is not root's alone: others can change $changeable" "give that to root alone (\`chown root:root\`, \`chmod go-w\`), or put safeexec where nobody else can write"
		sandbox_via=safeexec
		sandbox_variables=$usual_variables_in_short
		[ -z "$environment" ] || sandbox_variables=$(printf '%s\n' $usual_variables $environment)
		set -- --chroot_dir "$jail" --env_vars "$sandbox_variables" --exec_dir / --exec /bin/python3
		[ -z "$sandbox_file_kb" ] || set -- --fsize "$sandbox_file_kb" "$@"
		[ -z "$sandbox_files" ] || set -- --nfile "$sandbox_files" "$@"
		[ -z "$sandbox_processes" ] || set -- --nproc "$sandbox_processes" "$@"
		[ -z "$sandbox_memory" ] || set -- --mem "$sandbox_memory" "$@"
		[ -z "$sandbox_clock" ] || set -- --clock "$sandbox_clock" "$@"
		[ -z "$sandbox_cpu" ] || set -- --cpu "$sandbox_cpu" "$@"
		set -- "$safeexec" "$@"
	else
		# This chroot drops root's privileges before it starts python, and resolves no names: nothing in the jail runs
		# as root.
		chroot --help 2>&1 | grep -q -e --userspec ||
			fail no-userspec "the host has no safeexec, and its chroot cannot give up root's rights" "install safeexec, or coreutils' chroot (busybox's is not enough)"
		sandbox_via=chroot
		limiting "$1"
		set -- chroot --userspec="+$1:+$2" --groups= "$jail" /bin/python3
		if have setpriv && setpriv --no-new-privs true; then set -- setpriv --no-new-privs -- "$@"; fi
		if have unshare && unshare -n -i true; then set -- unshare -n -i -- "$@"; fi
		set -- env -i PATH="$PATH" $usual_variables $environment "$@"
		set -- timeout -s KILL "${sandbox_clock:-60}" sh -c "$limiting" sh "$@"
	fi
	# Both enforce the time themselves; this limit ends one that does not.
	sandbox_seconds=$((${sandbox_clock:-60} + 15))
	sandbox_command=
	for word; do
		quote_word "$word"
		sandbox_command=${sandbox_command:+$sandbox_command }$quoted
	done
}

# open_sandbox: sets up the sandbox with the step's own arguments ($safeexec, $uid, $gid and the limits), and answers
# `via` and `command`. Sets $out to a directory of the step.
# shellcheck disable=SC2154  # the step's
open_sandbox() {
	find_safeexec "$safeexec"
	sandbox "$uid" "$gid" "$cpu" "$clock" "$memory" "$processes" "$files" "$file_kb"
	answer via "$sandbox_via"
	answer command "$sandbox_command"
	out=$(temporary_directory)
	trap 'rm -rf "$out"' EXIT
}

# quote_word WORD: sets $quoted to the word, quoted for a shell, in one line. Needs no process if the word needs no
# quotes. Only lists of variables have line breaks.
quote_word() {
	case $1 in
	*"$line_break"*) quoted="\"\$(printf '$(printf '%s' "$1" | awk '{ printf "%s%s", (NR > 1 ? "\\n" : ""), $0 }')')\"" ;;
	'' | *[!A-Za-z0-9_@%+=:,./-]*) quoted=\'$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")\' ;;
	*) quoted=$1 ;;
	esac
}

# run_in_sandbox NUMBER ARGUMENT…: runs python with these arguments, and answers `run NUMBER EXIT_CODE SECONDS`,
# `printed NUMBER LINE` and `error NUMBER LINE`.
run_in_sandbox() {
	try_in_sandbox "$@"
	answer_run "$1"
}

# try_in_sandbox NUMBER ARGUMENT…: runs python with these arguments. The program gets pipes, of which no more than
# $max_output is read, and none of our descriptors. Writes NUMBER.code, NUMBER.printed and NUMBER.errors in $out, a
# directory of the step.
try_in_sandbox() {
	run_number=$1
	shift
	read -r seconds_at_start _ </proc/uptime
	{
		{
			code=0
			(
				[ -z "$caller_file" ] || exec 9<"$caller_file"
				eval "exec timeout -s KILL $sandbox_seconds env -i PATH=\"\$PATH\" \${caller_variable:+\"\$caller_variable\"} $sandbox_command \"\$@\""
			) 2>&1 >&4 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- || code=$?
			echo "$code" >"$out/$run_number.code"
		} | head -c "$max_output" >"$out/$run_number.errors"
	} 4>&1 | head -c "$max_output" >"$out/$run_number.printed"
}

# answer_run NUMBER: of a run that has just ended, answers `run NUMBER EXIT_CODE SECONDS`, `printed NUMBER LINE` and `error NUMBER LINE`.
answer_run() {
	answer run "$1" "$(cat "$out/$1.code")" "$(awk -v start="$seconds_at_start" '{ printf "%.2f", $1 - start }' /proc/uptime)"
	head -n 20 "$out/$1.printed" | while IFS= read -r line || [ -n "$line" ]; do answer printed "$1" "$(one_line "$line")"; done
	tail -n 20 "$out/$1.errors" | while IFS= read -r line || [ -n "$line" ]; do answer error "$1" "$(one_line "$line")"; done
}
