# run.sh JAIL RECORDS SAFEEXEC UID GID CPU CLOCK MEMORY PROCESSES FILES FILE_KB PROGRAM [PROGRAM]: runs short Python programs in the
# jail, as a user without rights (sandbox.sh).
# uses: find-safeexec.sh jail.sh sandbox.sh
jail=$1 records=$2 safeexec=$3 uid=$4 gid=$5 cpu=$6 clock=$7 memory=$8 processes=$9
shift 9
files=$1 file_kb=$2
shift 2

open_jail_if_there || return 0
answer id "$(cat "$records/id")"

find_safeexec "$safeexec"
sandbox "$uid" "$gid" "$cpu" "$clock" "$memory" "$processes" "$files" "$file_kb"
answer via "$sandbox_via"
answer command "$sandbox_command"

out=$(temporary_folder)
trap 'rm -rf "$out"' EXIT
number=0
for program; do
	number=$((number + 1))
	run_in_sandbox "$number" -u -S -c "$program"
	[ "$(cat "$out/$number.code")" = 0 ] || do_not_keep
done
