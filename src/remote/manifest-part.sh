# The part of the manifest that a step changes or compares.
# uses: keep-earlier.sh manifest.sh records.sh walk.sh

# use_part PART: of this part from here on are $part, $manifest, its specification, $lists, a directory for lists of it, and $part_stats and $part_sources,
# the files of its stats and sources.
use_part() {
	find_manifest "$1"
	part=$1
	manifest=$found
	lists=$temporary/$1
	[ -d "$lists" ] || mkdir "$lists"
	part_stats=$(or_nothing "$manifest.stats")
	part_sources=$(or_nothing "$manifest.sources")
}

# open_manifest PART: the same, and leaves in $lists its entries (recorded, intended), all paths that are ours by either (owned, each once), and its facts,
# as lines `NAME VALUE` (recorded-facts).
open_manifest() {
	use_part "$1"
	for manifest_list in recorded intended owned recorded-facts; do : >"$lists/$manifest_list"; done
	awk -v OFS="$tab" -v lists="$lists/" "$mtree_reader"'
		list == "recorded" && sub(/^# /, "") { if (!/^end /) print >(lists "recorded-facts"); next }
		read_entry() {
			print type, value, mode, path >(lists list)
			if (!(path in owned)) print path >(lists "owned")
			owned[path]
		}
	' list=recorded "$(or_nothing "$manifest")" list=intended "$(or_nothing "$manifest.intent")"
	need_temporary
}

# or_nothing FILE: prints the path of a file of ours; where it is not there, of one in which nothing is.
or_nothing() {
	if [ -f "$1" ]; then printf '%s' "$1"; else printf /dev/null; fi
}

# is_recorded: whether what the part says is whole, and no change of it was cut off.
is_recorded() {
	is_whole_part "$manifest"
}

# fact NAME: prints what the part says of it: a line each.
fact() {
	while IFS= read -r fact_line; do
		case $fact_line in
		"$1 "*) printf '%s\n' "${fact_line#"$1 "}" ;;
		esac
	done <"$lists/recorded-facts"
}

# intend ENTRIES: from here on the part owns these paths too. Called before the first of them is in the jail.
intend() {
	keep_earlier
	private_directory "$records/manifest"
	sort -u "$1" "$lists/intended" >"$lists/intended.new"
	mv -f "$lists/intended.new" "$lists/intended"
	write_entries <"$lists/intended" | write_record "$manifest.intent"
	cut -f 4 "$lists/recorded" "$lists/intended" | sort -u >"$lists/owned"
}

# list_gone ENTRIES: prints the paths that the part owns and that are not among these entries nor directories on the way to them, as remove_paths
# reads them. What another part owns stays. Nothing is below a file of these, nor of another part's where that has come into its place.
list_gone() {
	# shellcheck disable=SC2046  # a part a word
	entries_of $(list_parts | while IFS= read -r other_part; do [ "$other_part" = "$part" ] || printf '%s ' "$other_part"; done) >"$lists/others"
	awk -F "$tab" '
		pass == "wanted" { stays[$4]; if ($1 != "dir") none[$4]; for (path = $4; sub(/\/[^\/]*$/, "", path);) stays[path]; next }
		pass == "others" { stays[$4]; if ($1 != "dir") file[$4]; next }
		$0 in stays { next }
		{
			above = ""
			for (path = $0; sub(/\/[^\/]*$/, "", path);) { if (path in none) next; if (path in file) above = path }
			print above "\t" $0
		}
	' pass=wanted "$1" pass=others "$lists/others" pass=owned "$lists/owned" | (
		to_jail
		while IFS= read -r gone_line; do
			gone_above=${gone_line%%"$tab"*}
			if [ -z "$gone_above" ] || { [ -d "./$gone_above" ] && [ ! -L "./$gone_above" ]; }; then printf '%s\n' "${gone_line#*"$tab"}"; fi
		done
	) | with_other_levels | sort -r
}

# with_other_levels: paths, and beside compiled files those that `python3 -O` as root in the jail would have made.
with_other_levels() {
	awk '{ print } /\/__pycache__\/.*\.pyc$/ { sub(/\.pyc$/, ""); print $0 ".opt-1.pyc"; print $0 ".opt-2.pyc" }'
}

# record_manifest ENTRIES FACTS [SOURCES]: the part's change is done: these entries, which were compared or put there just now, are in the jail. FACTS: lines
# `NAME VALUE`.
record_manifest() {
	keep_earlier
	private_directory "$records/manifest"
	to_jail
	awk -F "$tab" '$2 != "-" { print $4 }' "$1" | stat_paths >"$lists/now"
	# What was not compared keeps the stat that it had.
	cut -f 1 "$lists/states" 2>/dev/null >"$lists/compared" || cut -f 4 "$1" >"$lists/compared"
	awk -F "$tab" -v OFS="$tab" '
		pass == "now" { stat[$4] = $3; next }
		pass == "compared" { compared[$0]; next }
		pass == "stats" { line[$3] = $0; next }
		$4 in compared { if ($4 in stat) print stat[$4], $2, $4; next }
		$4 in line { print line[$4] }
	' pass=now "$lists/now" pass=compared "$lists/compared" pass=stats "$part_stats" pass=entries "$1" | write_record "$manifest.stats"
	if [ $# = 3 ]; then write_record "$manifest.sources" <"$3"; fi
	write_part "$1" "$2"
}

# write_part ENTRIES FACTS: writes the specification alone.
write_part() {
	{
		echo '#mtree'
		sed 's/^/# /' "$2"
		sort -k 4 -t "$tab" "$1" | write_entries
	} >"$lists/manifest"
	need_temporary
	{
		cat "$lists/manifest"
		printf '# end %s\n' "$(manifest_digest <"$lists/manifest")"
	} | write_record "$manifest"
	rm -f "$manifest.intent"
	cut -f 4 "$1" | sort -u >"$lists/owned"
	cp "$1" "$lists/recorded"
	[ "$2" = "$lists/recorded-facts" ] || cp "$2" "$lists/recorded-facts"
	: >"$lists/intended"
}

# forget_manifest: the part owns nothing any more.
forget_manifest() {
	keep_earlier
	rm -f "$records/manifest/$part" "$records/manifest/$part.intent" "$records/manifest/$part.stats" "$records/manifest/$part.sources"
	rmdir "$records/manifest" 2>/dev/null || :
}

# has_manifest: whether there is any record of the part.
has_manifest() {
	[ -e "$manifest" ] || [ -e "$manifest.intent" ]
}
