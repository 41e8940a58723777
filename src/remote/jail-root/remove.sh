# remove.sh ($jail $records $id $delete_contents $kept): empties the jail, only if it is this one. $kept `yes`: also where it is kept as a release,
# whose keeper asks. Answers `emptied yes` where forget.sh is to follow, which works outside the jail.
# uses: confine.sh jail-root/refusal.sh jail.sh python-build/cache.sh remove-trees.sh

# Of a jail whose id we do not know nothing proves that it is ours.
look_at_removal "${id:-none}" "$kept"
case $removal in
left) return 0 ;;
none)
	answer emptied yes
	return 0
	;;
esac
refuse_removal "$delete_contents"
# A build that only this jail waits for ends with it, also where no PythonBuild was ever recorded.
if [ -s "$records/build" ]; then leave_build "$(cat "$records/build")"; fi
change_jail
# Again: whoever had the lock may have put something there.
refuse_removal "$delete_contents"

remove_trees ! -name "$id_file" ! -name "$marker"
# The proof that the jail is ours goes last, so that a removal that was cut off can be finished.
rm -f "./$id_file" "./$marker"
answer emptied yes
