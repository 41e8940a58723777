# observe.sh ($jail $records): which build is installed, and what of it is missing or altered.
# uses: installed.sh jail.sh

open_jail_if_there || return 0
open_installed python
if ! installed_is_recorded; then
	answer installed none
	return 0
fi
answer installed "$recorded_key"
answer version "$(cat "$installed/version")"
answer digest "$(sha256sum <"$installed/manifest" | cut -c1-16)"
while read -r module; do answer missing-module "$module"; done <"$installed/missing"
answer_differing
