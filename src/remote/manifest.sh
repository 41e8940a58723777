# The manifest: the paths that each resource owns in the jail. $records/manifest/ has these files for every part
# (python, packages, git, system, libraries, files-KEY):
#   PART           an mtree(5) specification: `# NAME VALUE` for each fact of the resource, an entry for each path, and
#                  `# end DIGEST`
#   PART.intent    the entries that a change is about to put into the jail; removed once the change is recorded
#   PART.stats     `STAT VALUE PATH` of each path that was put there. While the stat is the same, the file is not read
#   PART.sources   `STAT SOURCE SHA256 PATH`: the file on the host that each path is a copy of (sources.sh)
# One rename replaces the file of a part, so a part is either whole or as before.
#
# In a step an entry is a line `TYPE VALUE MODE PATH`, separated by tabs. TYPE is `file` (VALUE is its sha256), `link`
# (VALUE is its text) or `dir` (VALUE is `-`). MODE is `-` if the resource does not set the mode.
# uses: earlier-records.sh vis.sh

# Awk functions. read_entry parses a line of a specification into type, value, mode and path. Returns 0 if the line is
# not an entry, or is damaged.
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

# read_entries [FILE...]: converts specifications to entries.
read_entries() {
	awk -v OFS="$tab" "$mtree_reader"'read_entry() { print type, value, mode, path }' "$@"
}

# write_entries: converts entries to lines of a specification.
write_entries() {
	awk -F "$tab" "$vis_writer"'{
		print "./" vis($4) " type=" $1 ($2 == "-" ? "" : ($1 == "link" ? " link=" : " sha256digest=") vis($2)) ($3 == "-" ? "" : " mode=" $3)
	}'
}

# tree_entries: converts the list of files of a build or a set of packages to entries. Its lines are `f SHA256 PATH`,
# `l TEXT PATH` and `d - PATH`.
tree_entries() {
	awk -v OFS="$tab" '
		BEGIN { type["f"] = "file"; type["l"] = "link"; type["d"] = "dir" }
		{ path = $0; sub(/^[^ ]+ [^ ]+ /, "", path); print type[$1], $2, "-", path }
	'
}

# begin_temporary: makes the directory $temporary for files of this step, unless it exists.
begin_temporary() {
	if [ -n "${temporary-}" ]; then return 0; fi
	temporary=$(temporary_directory)
	[ -n "${keep_work-}" ] || trap 'rm -rf "$temporary"' EXIT
}

# need_temporary: ends the step if the disk for temporary files is full, because its lists may then be cut short. Not
# every awk reports a failed write.
need_temporary() {
	printf x >"$temporary/room" || :
	[ -s "$temporary/room" ] || fail disk-full "the host's directory for temporary files, ${temporary%/*}, is full" "make room there"
}

# find_manifest PART: sets $found to the path of a part's specification, which may not exist.
find_manifest() {
	begin_temporary
	found=$records/manifest/$1
	if [ -e "$found" ] || [ -e "$found.intent" ] || ! has_earlier "$1"; then return 0; fi
	found=$temporary/earlier/$1
	[ -e "$found" ] || read_earlier "$1"
}

# is_whole_part FILE: whether a specification is complete, and no change of its part was interrupted.
is_whole_part() {
	if [ ! -s "$1" ] || [ -e "$1.intent" ]; then return 1; fi
	whole_digest=$(tail -n 1 "$1")
	whole_digest=${whole_digest#\# end }
	case $(sed '$d' "$1" | sha256sum) in
	"$whole_digest"*) [ ${#whole_digest} = 16 ] ;;
	*) return 1 ;;
	esac
}

# read_records FILE: prints a file of ours, or nothing if it does not exist.
read_records() {
	cat "$1" 2>/dev/null || :
}

manifest_digest() {
	sha256sum | cut -c 1-16
}

# fact_of PART NAME: prints the values of a fact of a part, one a line; nothing if the specification is not complete.
fact_of() {
	find_manifest "$1"
	! is_whole_part "$found" || sed -n "s/^# $2 //p" "$found"
}

# entries_of PART...: prints all entries of these parts, including those of an interrupted change.
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

# owned_by PART...: prints the paths that these parts own, each once.
owned_by() {
	entries_of "$@" | cut -f 4 | sort -u
}

# list_parts: prints the parts that the jail has, one a line. Every read calls this, so it starts no program.
list_parts() {
	parts_seen=$line_break
	for parts_file in "$records"/manifest/*; do
		[ -f "$parts_file" ] || continue
		parts_name=${parts_file##*/}
		tell_part "${parts_name%%.*}"
	done
	list_earlier
}

# tell_part PART: prints the part, unless list_parts has already printed it.
tell_part() {
	case $parts_seen in
	*"$line_break$1$line_break"*) return 0 ;;
	esac
	parts_seen=$parts_seen$1$line_break
	printf '%s\n' "$1"
}

# parts_of_files: prints the parts of all JailFiles.
parts_of_files() {
	list_parts | while IFS= read -r parts_name; do
		case $parts_name in
		files-*) printf '%s\n' "$parts_name" ;;
		esac
	done
}

# owned_by_files: prints the paths that all JailFiles own.
owned_by_files() {
	# shellcheck disable=SC2046  # one word for each part
	owned_by $(parts_of_files)
}

# sum_paths: reads paths from standard input and prints `SHA256 PATH` of each file that can be read.
sum_paths() {
	tr '\n' '\0' | { xargs -0 -r sha256sum -- || :; } | awk '
		# sha256sum escapes a name with a backslash.
		sub(/^\\/, "") { gsub(/\\\\/, "\\") }
		{ print substr($0, 1, 64) "\t" substr($0, 67) }
	'
}

# stat_paths: reads paths, relative to the current directory, from standard input. Prints `TYPE MODE STAT PATH` of each
# that exists.
stat_paths() {
	tr '\n' '\0' | xargs -0 -r stat -c "%F$tab%a$tab%i %s %z$tab%n" -- 2>/dev/null || :
}
