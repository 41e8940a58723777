# fetch.sh JAIL RECORDS CACHE KEY SHA256 URL: downloads an archive of a build. Answers `fetched no` where the host cannot.
jail=$1 records=$2 cache=$3 key=$4 sha256=$5 url=$6

open_cache "$cache" "$key"
open_received "$sha256"
# There already, or wholly here from a time before.
if [ -d "$build" ] || { [ -f "$part" ] && [ "$(sha256sum "$part" | cut -d ' ' -f 1)" = "$sha256" ]; }; then
	answer fetched yes "$part"
	return 0
fi
case $url in
s3://*) needs=aws ;;
*) if have curl; then needs=curl; else needs=wget; fi ;;
esac
if have "$needs" && fetch "$url" "$part"; then answer fetched yes "$part"; else answer fetched no; fi
