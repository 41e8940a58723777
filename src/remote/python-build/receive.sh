# receive.sh ($cache $key $name $sha256 $bytes $again): answers where to upload a packed build and how much of it is
# there already, or that nothing has to be uploaded. $again: `yes` if a build that is there is to be replaced
# (adopt.sh).
# uses: disk.sh python-build/cache.sh

open_cache "$cache" "$key"
if [ -d "$build" ] && [ "$again" != yes ]; then
	answer receive there
	return 0
fi
[ -z "$name" ] || [ "$name" = "$build_name" ] || fail defect "the build is one for another platform ($name)" "this is a defect: please report it"
open_received "$sha256"
offset=0
if [ -f "$part" ]; then offset=$(stat -c %s "$part"); fi
if [ "$offset" -gt "$bytes" ]; then
	rm -f "$part"
	offset=0
fi
# The archive and the unpacked build are both there for a moment.
have_mb=$(free_mb "$cache")
need_mb=$((bytes * 6 / 1000000 + 10))
[ "$have_mb" -ge "$need_mb" ] || fail disk-full "the disk of $cache has $have_mb MB free, the build needs $need_mb MB" "make room, or give another place in \`directories.cache\`; nothing in the jail was changed"
answer receive "$part" "$offset"
