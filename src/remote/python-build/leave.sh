# leave.sh ($records): the host that built for others waits for that build no more: its record of it goes.
# uses: python-build/cache.sh

if [ -s "$records/build" ]; then leave_build "$(cat "$records/build")"; fi
rm -f "$records/build"
builders=${records%/*}
# Of runs that were killed.
find "$builders" -mindepth 1 -maxdepth 1 -mtime +2 -exec rm -rf {} + 2>/dev/null || :
rmdir "$records" "$builders" "${builders%/*}" 2>/dev/null || :
