# pack.sh JAIL RECORDS CACHE KEY: makes the finished build one archive that other hosts of its platform take.
jail=$1 records=$2 cache=$3 key=$4

open_cache "$cache" "$key"
[ -d "$build" ] || fail no-build "the finished build is not in the host's cache any more" "run the same command again"
packed=$build/packed.tar.gz
if [ ! -f "$packed" ]; then
	have_mb=$(free_mb "$cache")
	need_mb=$(($(du -sk "$build" | cut -f 1) / 1024))
	[ "$have_mb" -ge "$need_mb" ] || fail disk-full "the disk of $cache has $have_mb MB free, packing the build takes $need_mb MB" "make room there"
	set -- root manifest missing version unrecognized
	for part in origin log.gz pip.whl; do
		if [ -f "$build/$part" ]; then set -- "$@" "$part"; fi
	done
	tar -c -f - -C "$build" "$@" | gzip -n >"$packed.$$"
	mv -f "$packed.$$" "$packed"
fi
answer packed "$packed" "$(sha256sum "$packed" | cut -d ' ' -f 1)" "$(stat -c %s "$packed")"
