# repair.sh ($jail $records $cache $key $build_key): puts back what is missing or altered of the installed packages, and
# nothing else. Answers `repaired no` if the set is not in the host's cache any more, or not complete.
# uses: apply.sh confine.sh jail-packages/packages.sh jail.sh manifest-part.sh manifest.sh python-build/cache.sh

open_jail
change_jail
open_manifest packages
open_packages "$cache" "$key" "$build_key"
if read_records "$set/manifest" | is_recorded_tree && is_whole "$set/root" "$set/manifest"; then
	put_back "$set/root"
else
	answer repaired no
fi
