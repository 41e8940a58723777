# run.sh ($jail $records $safeexec $uid $mark $seconds $program): the dynamic part of the audit. $program is the text of inside.sh, which runs
# in a process namespace of its own where the host has them: however it ends, nothing that it started lives on. $mark is in the
# name of all that its programs leave behind in the jail.
# uses: jail-audit/jail.sh limits.sh walk.sh

open_audited || return 0
for tool in timeout env; do have "$tool" || fail missing-tool "there is no $tool on the host" "install coreutils"; done

out=$(temporary_folder)
clean_up() {
	rm -rf "$out"
	for folder in . scratch static tmp dev dev/shm var/tmp etc lib usr bin lib64; do
		(
			cd -P "$jail" && go_to "$folder" || exit 0
			rm -f "./.audit-$mark"
		)
	done
	if have ipcrm; then ipcrm -M "0x$mark" 2>/dev/null || :; fi
}
trap clean_up EXIT

printf '%s' "$program" >"$out/program"
set -- sh -s
# With its own /proc: safeexec looks there for how much memory a program has.
if have unshare && unshare --pid --fork --kill-child --mount-proc true; then
	set -- unshare --pid --fork --kill-child --mount-proc "$@"
	answer apart yes
else
	answer apart no
fi
code=0
# Who is in a namespace cannot count them.
TMPDIR=$out PYTHON3JAIL_TASKS=$(tasks_of "$uid") timeout -s KILL "$seconds" "$@" <"$out/program" >&3 || code=$?
# It may have been ended within a line.
printf '\n' >&3
answer ended "$code"
