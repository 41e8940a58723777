# read.sh ($jail $records): reads which packages are installed, and which of their paths are missing or altered.
# uses: compare.sh jail-packages/installed-packages.sh jail.sh manifest-part.sh manifest.sh

open_jail_if_there || return 0
open_manifest packages
if ! is_recorded; then
	answer installed none
	return 0
fi
answer installed "$(fact key)"
if [ "$(fact build)" = "$(fact_of python build)" ]; then answer python same; else answer python other; fi
answer_packages
compare "$lists/recorded"
answer_differing
