# ensure.sh JAIL RECORDS EMPTY_SCRATCH OWNER GROUP SCRATCH_GROUP ["MODE PATH"...]: puts right what differs.
jail=$1 records=$2 empty_scratch=$3
shift 3

open_jail
change_jail
read_policy "$@"
if [ "$empty_scratch" = yes ] && go_in_jail scratch; then
	echo scratch | refuse_mounted
	remove_trees ! -name .
fi
to_jail

list_jail | compare_with_policy >"$records/permissions.wrong"
grep -v '^!' "$records/permissions.wrong" >"$records/permissions.changes" || :
if [ -s "$records/permissions.changes" ]; then
	# What was there before our first change is kept, to be given back on delete.
	touch "$records/permissions.before"
	awk 'function path_of(line, i) { for (i = 0; i < 7; i++) sub(/^[^ ]+ /, "", line); return line }
		pass == 1 { known[path_of($0)] = 1; next }
		!(path_of($0) in known) { line = path_of($0); print $5, $6, $7, $4, $1, $2, $3, line }
	' pass=1 "$records/permissions.before" pass=2 "$records/permissions.changes" >"$records/permissions.new"
	cat "$records/permissions.new" >>"$records/permissions.before"
	apply_changes "$records/permissions.changes"
fi
answer_offenders <"$records/permissions.wrong"
rm -f "$records/permissions.new" "$records/permissions.changes" "$records/permissions.wrong"
