# fetch.sh ($cache $key $sha256 $url): downloads the archive of a build. Answers `fetched no` if the host cannot.
# uses: confine.sh python-build/cache.sh python-build/making.sh

open_cache "$cache" "$key"
open_received "$sha256"
# Allow one download at a time: an earlier step that lost its connection may still write into the same file.
exec 5>>"$received/lock"
lock_timeout=86400 # no longer than this step may take
take_lock 5 || fail locked "another download is at work in $cache" "run the same command again: it goes on with what that one has brought"
# The build is there, or the archive was downloaded before.
if [ -d "$build" ] || { [ -f "$part" ] && [ "$(sha256sum "$part" | cut -d ' ' -f 1)" = "$sha256" ]; }; then
	answer fetched yes "$part"
	return 0
fi
case $url in
s3://*) needs=aws ;;
*) if have curl; then needs=curl; else needs=wget; fi ;;
esac
if have "$needs" && fetch "$url" "$part"; then answer fetched yes "$part"; else answer fetched no; fi
