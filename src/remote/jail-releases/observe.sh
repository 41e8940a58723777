# observe.sh BASE RECORDS: which release is current, and which are kept.
jail=$1 records=$2

open_releases || {
	answer base none
	return 0
}
answer base there
answer current "$(current_release)"
[ -f "$records/history" ] || return 0
while IFS= read -r release; do
	if [ -d "$jail/releases/$release" ]; then answer kept "$release"; fi
done <"$records/history"
