# remove.sh ($jail $records $id $delete_contents $kept): empties the jail, if it is the right one. $kept `yes` also
# removes a jail that is kept as a release, for the resource that keeps it. Answers `emptied yes` if forget.sh is to
# follow, which works outside the jail.
# uses: confine.sh jail-root/refusal.sh jail.sh python-build/cache.sh remove-trees.sh

# Without an id nothing proves that the jail is ours.
check_removal "${id:-none}" "$kept"
case $removal in
left) return 0 ;;
none)
	answer emptied yes
	return 0
	;;
esac
refuse_removal "$delete_contents"
# End a build that only this jail waits for, even if no PythonBuild was ever recorded.
if [ -s "$records/build" ]; then leave_build "$(cat "$records/build")"; fi
change_jail
# Check again: another step may have put something there while this one waited for the lock.
refuse_removal "$delete_contents"

remove_trees ! -name "$id_file" ! -name "$marker"
# Remove the proof that the jail is ours last, so that an interrupted removal can be finished.
rm -f "./$id_file" "./$marker"
answer emptied yes
