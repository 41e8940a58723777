# read.sh ($jail $records $cache $key): reads what no record has: the size, the libraries, and the last lines of
# python's build log. Writes nothing.
# uses: jail.sh manifest.sh python-build/cache.sh walk.sh

open_jail_if_there || return 0
to_jail
# Programs in the jail may remove files while du reads them. No -x: on an overlay du -x finds no file.
answer size "$(du -sk . 2>/dev/null | cut -f 1 || :)"
entries_of libraries | awk -F "$tab" -v OFS="$tab" '$1 == "file" && sub(/^\.libraries\/[^\/]*\//, "", $4) { print $4, substr($2, 1, 8) }' | sort -u |
	while IFS=$tab read -r place digest; do answer library "$(one_line "$place")" "$digest"; done
log=$cache/builds/$key-$(platform)/log.gz
if [ -n "$key" ] && [ -f "$log" ]; then
	gzip -dc "$log" | tail -n 20 | while IFS= read -r line; do answer log "$(one_line "$line")"; done
fi
