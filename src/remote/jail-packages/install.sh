# install.sh ($jail $records $cache $key $build_key): puts a finished set of packages into the jail. Stages a complete
# site-packages beside the installed one; one rename exchanges them. Unmanaged files in it stay.
# uses: confine.sh disk.sh exchange.sh jail-packages/installed-packages.sh jail-packages/packages.sh jail.sh manifest-part.sh manifest.sh others.sh python-build/cache.sh refuse-mounted.sh remove-paths.sh staging.sh walk.sh

staging_name=$staging_name.packages
open_jail
change_jail
open_manifest packages
open_packages "$cache" "$key" "$build_key"
[ -d "$set" ] || fail cache-lost "the finished packages are not in the host's cache any more" "run the same command again"
site=$(cat "$set/site")
if ! is_whole "$set/root" "$set/manifest"; then
	throw_away "$set"
	answer damaged yes
	return 0
fi
go_in_jail "$site" || fail no-python "the jail has no $site" "let PythonBuild come first (\`dependsOn\`)"

have_mb=$(free_mb "$jail")
need_mb=$(($(du -sk "$set/root" | cut -f 1) / 1024 + 1))
if [ "$have_mb" -lt "$need_mb" ]; then
	fail disk-full "the jail's disk has $have_mb MB free, the packages need $need_mb MB" "make room; nothing in the jail was changed"
fi
tree_entries <"$set/manifest" >"$lists/wanted"

is_ours() {
	grep -Fqx -e "$1" "$lists/owned"
}

ls -A "$set/root/$site" >"$lists/order"
while IFS= read -r name; do
	[ -e "./$name" ] || [ -L "./$name" ] || continue
	if [ -d "./$name" ] && [ ! -L "./$name" ]; then is="folder"; else is="file"; fi
	if [ -d "$set/root/$site/$name" ]; then becomes="folder"; else becomes="file"; fi
	if [ "$is" != "$becomes" ] && ! is_ours "$site/$name"; then
		fail in-the-way "$site/$name is a $is that was not put there by us, and a package has a $becomes of that name" "see what it is, and remove it"
	fi
done <"$lists/order"
{
	printf '%s\n' "$site"
	list_gone "$lists/wanted"
} | refuse_mounted

recover_unmanaged old-packages "$site"
make_staging
mkdir "$staging/new"
if ! cp -R -P -p "$set/root/$site/." "$staging/new" || ! is_whole "$staging/new" "$set/manifest" "$site"; then
	remove_staging
	fail copy "the packages could not be copied whole into the jail" "check that its disk is not full, then run the same command again; nothing in use was changed"
fi
carry_unmanaged "$site" "$staging_name/new" "$site"
intend "$lists/wanted"

go_in_jail "$site"
chown "$(stat -c '%u:%g' .)" "$staging/new"
chmod "0$(stat -c %a .)" "$staging/new"
go_in_jail "${site%/*}"
exchange_in "${site##*/}" "$staging/new" "$staging/old-packages"
# Keep unmanaged files that were added since.
carry_unmanaged "$staging_name/old-packages" "$site" "$site"

list_gone "$lists/wanted" | with_old_sites | remove_paths
remove_staging
{
	printf 'key %s\nbuild %s\n' "$key" "$python_is"
	sed 's/^/package /' "$set/versions"
} >"$lists/facts"
record_manifest "$lists/wanted" "$lists/facts"
# Mark the set as used. Do not create it: a file of its name would be in the way of the next set.
touch -c "$set"
answer_packages
