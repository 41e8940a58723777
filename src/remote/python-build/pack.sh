# pack.sh ($cache $key): packs the finished build into one archive for other hosts of its platform.
# uses: disk.sh python-build/cache.sh

open_cache "$cache" "$key"
[ -d "$build" ] || fail no-build "the finished build is not in the host's cache any more" "run the same command again"
packed=$build/packed.tar.gz
# Remove what interrupted steps left.
find "$build" -mindepth 1 -maxdepth 1 -name 'packed.tar.gz.[0-9]*' -mmin +1440 -exec rm -f {} +
if [ ! -f "$packed" ] || [ "$(sha256sum "$packed" | cut -d ' ' -f 1)" != "$(cat "$packed.sha256" 2>/dev/null || :)" ]; then
	if ! is_whole "$build/root" "$build/manifest"; then
		throw_away "$build"
		fail no-build "the finished build in the host's cache was damaged, and is thrown away" "run the same command again: it is made anew"
	fi
	have_mb=$(free_mb "$cache")
	need_mb=$(($(du -sk "$build" | cut -f 1) / 1024))
	[ "$have_mb" -ge "$need_mb" ] || fail disk-full "the disk of $cache has $have_mb MB free, packing the build takes $need_mb MB" "make room there"
	set -- root manifest missing version unrecognized
	for part in origin log.gz pip.whl; do
		if [ -f "$build/$part" ]; then set -- "$@" "$part"; fi
	done
	rm -f "$packed.failed"
	{ tar -c -f - -C "$build" "$@" || : >"$packed.failed"; } | gzip -n >"$packed.$$"
	[ ! -e "$packed.failed" ] || fail pack "the build could not be packed" "see the last lines: is the disk of $cache damaged?"
	sha256sum "$packed.$$" | cut -d ' ' -f 1 >"$packed.sha256"
	mv -f "$packed.$$" "$packed"
fi
answer packed "$packed" "$(cat "$packed.sha256")" "$(stat -c %s "$packed")"
