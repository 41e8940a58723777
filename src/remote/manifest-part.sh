# The open part: the part of the manifest that a step changes or compares.
# uses: keep-earlier.sh manifest.sh records.sh walk.sh

# use_part PART: makes this the open part. Sets $part, $manifest (its specification), $lists (a directory for its
# lists), $part_stats and $part_sources (the files of its stats and sources).
use_part() {
	find_manifest "$1"
	part=$1
	manifest=$found
	lists=$temporary/$1
	[ -d "$lists" ] || mkdir "$lists"
	part_stats=$(or_nothing "$manifest.stats")
	part_sources=$(or_nothing "$manifest.sources")
}

# open_manifest PART: the same. Also writes to $lists the part's entries (recorded, intended), the paths of both, each
# once (owned), and the part's facts as lines `NAME VALUE` (recorded-facts).
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

# or_nothing FILE: prints the path of a file of ours, or /dev/null if the file does not exist.
or_nothing() {
	if [ -f "$1" ]; then printf '%s' "$1"; else printf /dev/null; fi
}

# is_recorded: whether the part's specification is complete, and no change of the part was interrupted.
is_recorded() {
	is_whole_part "$manifest"
}

# fact NAME: prints the values of a fact of the part, one a line.
fact() {
	while IFS= read -r fact_line; do
		case $fact_line in
		"$1 "*) printf '%s\n' "${fact_line#"$1 "}" ;;
		esac
	done <"$lists/recorded-facts"
}

# intend ENTRIES: records that the part owns these paths, too. Call before the first of them is put into the jail.
intend() {
	keep_earlier
	private_directory "$records/manifest"
	sort -u "$1" "$lists/intended" >"$lists/intended.new"
	mv -f "$lists/intended.new" "$lists/intended"
	write_entries <"$lists/intended" | write_record "$manifest.intent"
	cut -f 4 "$lists/recorded" "$lists/intended" | sort -u >"$lists/owned"
}

# list_gone ENTRIES: prints the paths to remove, in the form that remove_paths reads: paths that the part owns, except
# the entries, their parent directories, and paths that another part owns. Leaves out paths below a file of the entries,
# and paths below another part's file if that file is in the jail: nothing of ours can be there.
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

# with_other_levels: prints the paths on standard input. After each compiled file prints the paths of those that
# `python3 -O` and `-OO` would have made beside it, if root ran them in the jail.
with_other_levels() {
	awk '{ print } /\/__pycache__\/.*\.pyc$/ { sub(/\.pyc$/, ""); print $0 ".opt-1.pyc"; print $0 ".opt-2.pyc" }'
}

# record_manifest ENTRIES FACTS [SOURCES]: records a finished change of the part: these entries, which were just
# compared or put there, are in the jail. FACTS is a file of lines `NAME VALUE`.
record_manifest() {
	keep_earlier
	private_directory "$records/manifest"
	to_jail
	awk -F "$tab" '$2 != "-" { print $4 }' "$1" | stat_paths >"$lists/now"
	# A path that was not compared keeps its recorded stat.
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

# write_part ENTRIES FACTS: writes only the specification, not the stats and sources.
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

# forget_manifest: removes the records of the part.
forget_manifest() {
	keep_earlier
	rm -f "$records/manifest/$part" "$records/manifest/$part.intent" "$records/manifest/$part.stats" "$records/manifest/$part.sources"
	rmdir "$records/manifest" 2>/dev/null || :
}

# has_manifest: whether the part has any record.
has_manifest() {
	[ -e "$manifest" ] || [ -e "$manifest.intent" ]
}
