# read.sh ($jail $records): reads which release is current, and which are kept.
# uses: jail-releases/releases.sh

open_releases || {
	answer base none
	return 0
}
answer base there
current=$(current_release)
answer current "$current"
# Check what flip.sh records: the records may have been deleted since.
if [ -f "$(records_of "$current")/kept" ] && grep -Fqx -e "$current" "$records/history" 2>/dev/null; then answer recorded yes; else answer recorded no; fi
[ -f "$records/history" ] || return 0
while IFS= read -r release; do
	if [ -d "$jail/releases/$release" ]; then answer kept "$release"; fi
done <"$records/history"
