# run.sh ($jail $records $safeexec $uid $gid $cpu $clock $memory $processes $files $file_kb $environment "$@"): runs
# short Python programs in the jail as an unprivileged user (sandbox.sh). Answers `packages yes` if packages are
# installed.
# uses: jail.sh manifest.sh sandbox.sh

open_jail_if_there || return 0
answer id "$(cat "$records/id")"
[ -z "$(entries_of packages | head -n 1)" ] || answer packages yes

open_sandbox
number=0
for program; do
	number=$((number + 1))
	run_in_sandbox "$number" -u -S -c "$program"
	[ "$(cat "$out/$number.code")" = 0 ] || do_not_keep
done
