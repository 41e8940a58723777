# read.sh ($jail $records): reads which build is installed, and which of its paths are missing or altered.
# uses: compare.sh jail.sh manifest-part.sh python-build/python.sh

open_jail_if_there || return 0
open_manifest python
if ! is_recorded; then
	answer installed none
	return 0
fi
answer installed "$(fact key)"
answer_python
compare "$lists/recorded"
answer_differing
