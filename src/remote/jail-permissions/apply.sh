# apply.sh ($jail $records $empty_scratch $owner $group $scratch_group "$@"): applies the policy to the paths that
# differ from it.
# uses: confine.sh jail-permissions/policy.sh jail.sh refuse-mounted.sh remove-trees.sh walk.sh

open_jail
change_jail
read_policy "$@"
if [ "$empty_scratch" = yes ] && go_in_jail scratch; then
	echo scratch | refuse_mounted
	remove_trees ! -name .
fi
remove_left_staging

list_jail >"$records/permissions.listing"
compare_with_policy <"$records/permissions.listing" >"$records/permissions.wrong"
grep -v '^!' "$records/permissions.wrong" >"$records/permissions.changes" || :
if [ -s "$records/permissions.changes" ]; then
	# Record the owners and modes from before our first change: a delete restores them.
	touch "$records/permissions.before"
	awk "$listing_reader"'
		pass == 1 { known[path_of($0)]; next }
		!(path_of($0) in known) { print $5, $6, $7, $4, $1, $2, $3, path_of($0) }
	' pass=1 "$records/permissions.before" pass=2 "$records/permissions.changes" >"$records/permissions.new"
	cat "$records/permissions.new" >>"$records/permissions.before"
	apply_changes "$records/permissions.changes" "$records/permissions.listing"
fi
answer_offenders <"$records/permissions.wrong"
rm -f "$records/permissions.new" "$records/permissions.changes" "$records/permissions.wrong" "$records/permissions.listing"
