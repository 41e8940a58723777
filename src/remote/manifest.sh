# What each resource owns in the jail. $records/manifest/ has for every part (python, packages, git, system, libraries, files-KEY)
#   PART           an mtree(5) specification: `# NAME VALUE`, a fact of the resource; an entry for each path; `# end DIGEST`
#   PART.intent    the entries that a change is about to put into the jail; gone once the change is recorded
#   PART.stats     `STAT VALUE PATH` of each path as it was put there: where the stat holds, nothing is read
#   PART.sources   `STAT SOURCE SHA256 PATH`: which file of the host each path is a copy of (sources.sh)
# A part is written by one rename. So a resource's records are whole or as before, and all of them together are the jail's manifest.
#
# In a step an entry is a line `TYPE VALUE MODE PATH`, with tabs. TYPE: `file` (VALUE is its sha256), `link` (its text) or `dir` (`-`).
# MODE: `-` where it is not the resource's to say.
# uses: earlier-records.sh vis.sh

# awk: reads a line of a specification into type, value, mode and path; 0 where it is no entry, or one of a damaged file.
# shellcheck disable=SC2016  # awk's
mtree_reader='
	function octal(text) { return substr(text, 1, 1) * 64 + substr(text, 2, 1) * 8 + substr(text, 3, 1) }
	function unvis(text,    out, at) {
		while ((at = index(text, "\\")) > 0) {
			out = out substr(text, 1, at - 1) sprintf("%c", octal(substr(text, at + 1, 3)))
			text = substr(text, at + 4)
		}
		return out text
	}
	function keyword(name,    i) {
		for (i = 2; i <= NF; i++) if (index($i, name "=") == 1) return unvis(substr($i, length(name) + 2))
		return "-"
	}
	function read_entry() {
		if ($1 !~ /^\.\/./) return 0
		path = unvis(substr($1, 3))
		type = keyword("type")
		value = type == "file" ? keyword("sha256digest") : type == "link" ? keyword("link") : "-"
		mode = keyword("mode")
		return path value !~ /[\t\n]/ && "/" path "/" !~ /\/\.?\.?\//
	}
'

# read_entries [FILE...]: turns specifications into entries.
read_entries() {
	awk -v OFS="$tab" "$mtree_reader"'read_entry() { print type, value, mode, path }' "$@"
}

# write_entries: turns entries into lines of a specification.
write_entries() {
	awk -F "$tab" "$vis_writer"'{
		print "./" vis($4) " type=" $1 ($2 == "-" ? "" : ($1 == "link" ? " link=" : " sha256digest=") vis($2)) ($3 == "-" ? "" : " mode=" $3)
	}'
}

# tree_entries: turns what a build or a set of packages says of its tree into entries: lines `f SHA256 PATH`, `l TEXT PATH`, `d - PATH`.
tree_entries() {
	awk -v OFS="$tab" '
		BEGIN { type["f"] = "file"; type["l"] = "link"; type["d"] = "dir" }
		{ path = $0; sub(/^[^ ]+ [^ ]+ /, "", path); print type[$1], $2, "-", path }
	'
}

# begin_temporary: makes $temporary, a directory for files of this step.
begin_temporary() {
	if [ -n "${temporary-}" ]; then return 0; fi
	temporary=$(temporary_directory)
	[ -n "${keep_work-}" ] || trap 'rm -rf "$temporary"' EXIT
}

# need_temporary: ends the step where the lists that it wrote may be cut short. Not every awk tells.
need_temporary() {
	printf x >"$temporary/room" || :
	[ -s "$temporary/room" ] || fail disk-full "the host's directory for temporary files, ${temporary%/*}, is full" "make room there"
}

# find_manifest PART: leaves in $found the path of a part's specification, which may not be there.
find_manifest() {
	begin_temporary
	found=$records/manifest/$1
	if [ -e "$found" ] || [ -e "$found.intent" ] || ! has_earlier "$1"; then return 0; fi
	found=$temporary/earlier/$1
	[ -e "$found" ] || read_earlier "$1"
}

# is_whole_part FILE: whether a specification is whole, and no change of its part was cut off.
is_whole_part() {
	if [ ! -s "$1" ] || [ -e "$1.intent" ]; then return 1; fi
	whole_digest=$(tail -n 1 "$1")
	whole_digest=${whole_digest#\# end }
	case $(sed '$d' "$1" | sha256sum) in
	"$whole_digest"*) [ ${#whole_digest} = 16 ] ;;
	*) return 1 ;;
	esac
}

# read_records FILE: prints a file of ours that may not be there.
read_records() {
	cat "$1" 2>/dev/null || :
}

manifest_digest() {
	sha256sum | cut -c 1-16
}

# fact_of PART NAME: prints what the specification of a part says of it: a line each; nothing where it is not whole.
fact_of() {
	find_manifest "$1"
	! is_whole_part "$found" || sed -n "s/^# $2 //p" "$found"
}

# entries_of PART...: prints all that is theirs, also by a change that was cut off.
entries_of() {
	entries_left=$#
	while [ "$entries_left" -gt 0 ]; do
		find_manifest "$1"
		shift
		for entries_file in "$found" "$found.intent"; do [ ! -f "$entries_file" ] || set -- "$@" "$entries_file"; done
		entries_left=$((entries_left - 1))
	done
	[ $# = 0 ] || read_entries "$@"
}

# owned_by PART...: prints the paths of these entries, each once.
owned_by() {
	entries_of "$@" | cut -f 4 | sort -u
}

# list_parts: prints the parts that the jail has, a line each. Reads do this often, so it starts no program.
list_parts() {
	parts_seen=$line_break
	for parts_file in "$records"/manifest/*; do
		[ -f "$parts_file" ] || continue
		parts_name=${parts_file##*/}
		tell_part "${parts_name%%.*}"
	done
	list_earlier
}

# tell_part PART: prints it, unless list_parts has.
tell_part() {
	case $parts_seen in
	*"$line_break$1$line_break"*) return 0 ;;
	esac
	parts_seen=$parts_seen$1$line_break
	printf '%s\n' "$1"
}

# parts_of_files: prints those of JailFiles.
parts_of_files() {
	list_parts | while IFS= read -r parts_name; do
		case $parts_name in
		files-*) printf '%s\n' "$parts_name" ;;
		esac
	done
}

# owned_by_files: prints the paths of all JailFiles.
owned_by_files() {
	# shellcheck disable=SC2046  # a part a word
	owned_by $(parts_of_files)
}

# sum_paths: prints `SHA256 PATH` of the files whose paths are on standard input, as far as they can be read.
sum_paths() {
	tr '\n' '\0' | { xargs -0 -r sha256sum -- || :; } | awk '
		# A name with a backslash comes escaped.
		sub(/^\\/, "") { gsub(/\\\\/, "\\") }
		{ print substr($0, 1, 64) "\t" substr($0, 67) }
	'
}

# stat_paths: prints `TYPE MODE STAT PATH` of the paths on standard input, relative to where we are, as far as they are there.
stat_paths() {
	tr '\n' '\0' | xargs -0 -r stat -c "%F$tab%a$tab%i %s %z$tab%n" -- 2>/dev/null || :
}
