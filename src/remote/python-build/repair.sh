# repair.sh JAIL RECORDS CACHE KEY: puts back what is missing or altered of the installed build, and nothing else. Answers
# `repaired no` where the build is not in the host's cache any more, or not whole.
jail=$1 records=$2 cache=$3 key=$4

open_jail
open_installed python
change_jail
open_cache "$cache" "$key"
if [ ! -d "$build" ] || ! cmp -s "$build/manifest" "$installed/manifest" || ! is_whole "$build/root" "$build/manifest"; then
	answer repaired no
	return 0
fi
put_back "$build/root" python
answer repaired yes
