# The host's files that the jail has copies of.
# uses: manifest.sh

# sum_sources: reads lines `PATH SOURCE`, prints `STAT SOURCE SHA256 PATH`, without a SHA256 where a source cannot be read. Reads those alone that are new
# or another than they were.
sum_sources() {
	cat >"$lists/pairs"
	cut -f 2 "$lists/pairs" | sort -u | tr '\n' '\0' | xargs -0 -r stat -L -c "%i %s %z$tab%n" -- 2>/dev/null >"$lists/source-stats" || :
	awk -F "$tab" 'pass == 1 { if ($3 ~ /^[0-9a-f]+$/ && length($3) == 64) known[$2 "\t" $1]; next } !(($2 "\t" $1) in known) { print $2 }' pass=1 "$lists/sources" pass=2 "$lists/source-stats" |
		sum_paths >"$lists/source-sums"
	awk -F "$tab" -v OFS="$tab" '
		pass == "old" { if ($3 ~ /^[0-9a-f]+$/ && length($3) == 64) sum[$2 "\t" $1] = $3; next }
		pass == "sums" { new[$2] = $1; next }
		pass == "stats" { stat[$2] = $1; next }
		{ print stat[$2], $2, ($2 in new) ? new[$2] : sum[$2 "\t" stat[$2]], $1 }
	' pass=old "$lists/sources" pass=sums "$lists/source-sums" pass=stats "$lists/source-stats" pass=pairs "$lists/pairs"
}

# refuse_unread: ends the step where a file of sources.now could not be read.
refuse_unread() {
	unread=$(awk -F "$tab" '$3 == "" { print $2; exit }' "$lists/sources.now")
	[ -z "$unread" ] || fail copy "$unread cannot be read" "is the host being updated? Run the same command again. Nothing in use was changed"
}
