# observe.sh ($jail $records): which packages are installed, and what of them is missing or altered.
# uses: installed.sh jail-packages/installed-packages.sh jail.sh

open_jail_if_there || return 0
open_installed packages
if ! installed_is_recorded; then
	answer installed none
	return 0
fi
answer installed "$recorded_key"
if [ "$recorded_build" = "$(cut -d ' ' -f 2 "$records/python/key" 2>/dev/null || :)" ]; then answer python same; else answer python other; fi
answer_packages
answer_differing
