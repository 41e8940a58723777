# find-set.sh ($jail $records $cache $key $build_key): answers whether the host's cache has the set, and a build whose pip
# can make it. This is the first step of a run that makes a set.
# uses: jail-packages/packages.sh jail.sh python-build/cache.sh

open_jail
open_packages "$cache" "$key" "$build_key"
remove_left_workspaces
if [ -d "$set" ]; then answer set yes; else answer set no; fi
# Discard a damaged build: it would make a damaged set.
if [ -n "$pip" ] && ! is_whole "$build/root" "$build/manifest"; then
	throw_away "$build"
	pip=
fi
if [ -n "$pip" ]; then answer pip yes; else answer pip no; fi
