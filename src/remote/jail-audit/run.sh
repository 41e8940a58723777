# run.sh ($jail $records $safeexec $uid $mark $seconds $program): runs the dynamic part of the audit. $program is the
# text of inside.sh. It runs in a process namespace of its own if the host has them, so that nothing that it started
# lives on, however it ends. $mark is in the name of everything that its programs leave in the jail.
# uses: jail-audit/jail.sh limits.sh walk.sh

open_audited || return 0
for tool in timeout env; do have "$tool" || fail missing-tool "there is no $tool on the host" "install coreutils"; done

out=$(temporary_directory)
clean_up() {
	rm -rf "$out"
	for directory in . scratch static tmp dev dev/shm var/tmp etc lib usr bin lib64; do
		(
			cd -P "$jail" && go_to "$directory" || exit 0
			rm -f "./.audit-$mark"
		)
	done
	if have ipcrm; then ipcrm -M "0x$mark" 2>/dev/null || :; fi
}
trap clean_up EXIT

printf '%s' "$program" >"$out/program"
set -- sh -s
# Mount a /proc for the namespace: safeexec reads there how much memory a program has.
if have unshare && unshare --pid --fork --kill-child --mount-proc true; then
	set -- unshare --pid --fork --kill-child --mount-proc "$@"
	answer apart yes
else
	answer apart no
fi
code=0
# Count the user's processes here: in the namespace the others are not visible.
TMPDIR=$out PYTHON3JAIL_TASKS=$(tasks_of "$uid") timeout -s KILL "$seconds" "$@" <"$out/program" >&3 || code=$?
# The program may have been killed in the middle of a line.
printf '\n' >&3
answer ended "$code"
