# The host's files that the jail has copies of.
# uses: manifest.sh

# sum_sources PAIRS: of a file of lines `PATH SOURCE`: leaves `STAT SOURCE SHA256 PATH` in $lists/sources.now, without a SHA256 where a source cannot be
# read. Reads those alone that are new or another than they were.
sum_sources() {
	awk -F "$tab" '!seen[$2]++ { print $2 }' "$1" | tr '\n' '\0' | xargs -0 -r stat -L -c "%i %s %z$tab%n" -- 2>/dev/null >"$lists/source-stats" || :
	: >"$lists/source-sums"
	write_sums "$1"
	if [ -s "$lists/unread" ]; then
		sum_paths <"$lists/unread" >"$lists/source-sums"
		write_sums "$1"
	fi
}

# write_sums PAIRS: makes sources.now of these lists, and lists the sources that have to be read (unread).
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

# refuse_unread: ends the step where a file of sources.now could not be read.
refuse_unread() {
	unread=$(awk -F "$tab" '$3 == "" { print $2; exit }' "$lists/sources.now")
	[ -z "$unread" ] || fail copy "$unread cannot be read" "is the host being updated? Run the same command again. Nothing in use was changed"
}
