# repair.sh ($jail $records $cache $key): puts back what is missing or altered of the installed build, and nothing else. Answers
# `repaired no` where the build is not in the host's cache any more, or not whole, or where a link stands for a directory: only an install puts that
# right at once.
# uses: confine.sh installed.sh jail.sh python-build/cache.sh python-build/layout.sh

open_jail
open_installed python
change_jail
open_cache "$cache" "$key"
# In this layout, or in that of older releases of this tool.
if [ ! -d "$build" ] || ! { manifest_in_jail <"$build/manifest" | cmp -s - "$installed/manifest" || cmp -s "$build/manifest" "$installed/manifest"; } || is_bent || ! is_whole "$build/root" "$build/manifest"; then
	answer repaired no
	return 0
fi
put_back "$build/root" python
answer repaired yes
