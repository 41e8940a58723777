# look.sh ($jail $records $cache $key $build_key): whether the host's cache has the set, and a build whose pip can make it. The first step
# of a run that makes one.
# uses: jail-packages/packages.sh jail.sh python-build/cache.sh

open_jail
open_packages "$cache" "$key" "$build_key"
clear_making
if [ -d "$set" ]; then answer set yes; else answer set no; fi
# A build that was damaged would make a damaged set.
if [ -n "$pip" ] && ! is_whole "$build/root" "$build/manifest"; then
	throw_away "$build"
	pip=
fi
if [ -n "$pip" ]; then answer pip yes; else answer pip no; fi
