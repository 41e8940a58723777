# repair.sh ($jail $records $cache $key): puts back what is missing or altered of the installed build, and nothing else.
# Answers `repaired no` if the build is not in the host's cache any more, or not complete, or if a symlink is where a
# directory should be: only an install can repair that in one rename.
# uses: apply.sh confine.sh jail.sh manifest-part.sh manifest.sh python-build/cache.sh python-build/layout.sh

open_jail
change_jail
open_manifest python
open_cache "$cache" "$key"
# Try this layout and that of older releases of this tool.
for layout in manifest_in_jail cat; do
	if read_records "$build/manifest" | "$layout" | is_recorded_tree && is_whole "$build/root" "$build/manifest"; then
		put_back "$build/root"
		return 0
	fi
done
answer repaired no
