# Read the sources: the host's files that the jail has copies of.
# uses: manifest.sh

# sum_sources PAIRS: writes `STAT SOURCE SHA256 PATH` to $lists/sources.now for each line `PATH SOURCE` of the file
# PAIRS. SHA256 is empty if the source cannot be read. Reads only sources that are new or whose stat has changed.
sum_sources() {
	awk -F "$tab" '!seen[$2]++ { print $2 }' "$1" | tr '\n' '\0' | xargs -0 -r stat -L -c "%i %s %z$tab%n" -- 2>/dev/null >"$lists/source-stats" || :
	: >"$lists/source-sums"
	write_sums "$1"
	if [ -s "$lists/unread" ]; then
		sum_paths <"$lists/unread" >"$lists/source-sums"
		write_sums "$1"
	fi
}

# write_sums PAIRS: writes sources.now from the known sums. Lists the sources that have to be read in $lists/unread.
write_sums() {
	: >"$lists/unread"
	awk -F "$tab" -v OFS="$tab" -v unread="$lists/unread" '
		pass == "known" { if ($3 ~ /^[0-9a-f]+$/ && length($3) == 64) sum[$2, $1] = $3; next }
		pass == "sums" { new[$2] = $1; next }
		pass == "stats" { stat[$2] = $1; next }
		{
			summed = ($2 in new) ? new[$2] : sum[$2, stat[$2]]
			if (summed == "" && ($2 in stat) && !seen[$2]++) print $2 >unread
			print stat[$2], $2, summed, $1
		}
	' pass=known "$part_sources" pass=sums "$lists/source-sums" pass=stats "$lists/source-stats" pass=pairs "$1" >"$lists/sources.now"
}

# refuse_unread: ends the step if a source could not be read.
refuse_unread() {
	unread=$(awk -F "$tab" '$3 == "" { print $2; exit }' "$lists/sources.now")
	[ -z "$unread" ] || fail copy "$unread cannot be read" "is the host being updated? Run the same command again. Nothing in use was changed"
}
