# adopt-source.sh ($cache $key $sha256 $uploaded): moves an uploaded archive into the cache, if its digest is right.
# With $uploaded empty: answers where to upload it, or that it is there.
# uses: python-build/cache.sh

open_cache "$cache" "$key"
if [ -f "$sources/$sha256" ]; then
	if [ -n "$uploaded" ]; then rm -f "$uploaded"; fi
	answer source there
	return 0
fi
if [ -z "$uploaded" ]; then
	find "$sources" -name '*.part' -mmin +1440 -exec rm -f {} +
	answer source "$sources/$sha256.$$.part"
	return 0
fi
refuse_other "$uploaded" "$sha256" "that arrived" ""
mv -f "$uploaded" "$sources/$sha256"
answer source there
