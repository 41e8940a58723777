# leave.sh ($records): stops waiting for a build that this host made for others, and removes its record of it.
# uses: python-build/cache.sh

if [ -s "$records/build" ]; then leave_build "$(cat "$records/build")"; fi
rm -f "$records/build"
builders=${records%/*}
# Remove what killed runs left.
find "$builders" -mindepth 1 -maxdepth 1 -mtime +2 -exec rm -rf {} + 2>/dev/null || :
rmdir "$records" "$builders" "${builders%/*}" 2>/dev/null || :
