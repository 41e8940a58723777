# repair.sh ($jail $records $cache $key $build_key): puts back what is missing or altered of the installed packages, and nothing else.
# Answers `repaired no` where the set is not in the host's cache any more, or not whole.
# uses: confine.sh installed.sh jail-packages/packages.sh jail.sh python-build/cache.sh

open_jail
open_installed packages
change_jail
open_packages "$cache" "$key" "$build_key"
if [ ! -d "$set" ] || ! cmp -s "$set/manifest" "$installed/manifest" || is_bent || ! is_whole "$set/root" "$set/manifest"; then
	answer repaired no
	return 0
fi
put_back "$set/root" "the packages"
answer repaired yes
