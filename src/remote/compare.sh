# What is in the jail against what should be there.
# uses: manifest-part.sh manifest.sh vis.sh walk.sh

# compare ENTRIES: compares the jail with entries, for the part that is open. Leaves in $lists
#   states   `PATH STATE` of every entry, in their order: ok, missing, altered, stale (ours, but not what is wanted now), other (not ours),
#            no-program, directory, no-directory, no-file, no-link, bent (a parent is no directory), read (it could not be read); and of
#            what is ours beyond them: unneeded
#   there    `TYPE MODE STAT PATH` of what is there, with the directories on the way
compare() {
	to_jail
	awk -F "$tab" '
		{ for (path = pass == "owned" ? $0 : $4; !(path in seen); ) { seen[path]; print path; if (!sub(/\/[^\/]*$/, "", path)) next } }
	' pass=owned "$lists/owned" pass=wanted "$1" | stat_paths >"$lists/there"
	: >"$lists/content"
	judge "$1"
	if [ -s "$lists/read-files" ] || [ -s "$lists/read-links" ]; then
		sum_paths <"$lists/read-files" >"$lists/content"
		read_links <"$lists/read-links" >>"$lists/content"
		judge "$1"
	fi
}

# read_links: prints `TEXT PATH` of the symlinks whose paths are on standard input. No symlink of ours has a line break or a tab in its text: where one has, TEXT
# is empty.
read_links() {
	while IFS= read -r link; do
		# With an x after it: the text may end in line breaks.
		link_text=$(readlink -n -- "$link" && printf x) || link_text=
		case $link_text in
		*"$line_break"* | *"$tab"*) link_text= ;;
		esac
		printf '%s\t%s\n' "${link_text%x}" "$link"
	done
}

# judge ENTRIES: writes the states, and lists in read-files and read-links what has to be read first.
judge() {
	: >"$lists/read-files"
	: >"$lists/read-links"
	awk -F "$tab" -v OFS="$tab" -v lists="$lists/" '
		function parent(path) { return sub(/\/[^\/]*$/, "", path) ? path : "" }
		# Whether a directory, or one on the way to it, is something else.
		function is_bent(dir) {
			if (dir == "") return 0
			if (!(dir in bent)) bent[dir] = is_bent(parent(dir)) || (dir in type) && type[dir] != "directory"
			return bent[dir]
		}
		function state_of(path) {
			if (is_bent(parent(path))) return "bent"
			if (!(path in type)) return "missing"
			if ($1 == "dir") return type[path] == "directory" ? "ok" : "no-directory"
			if (type[path] == "directory") return "directory"
			if ($1 == "file" && type[path] !~ /^regular/) return "no-file"
			if ($1 == "link" && type[path] != "symbolic link") return "no-link"
			if ($2 == "-") return "ok"
			if (!(path in is)) return "read"
			if (is[path] != $2) return !(path in owned) ? "other" : (path in was) && is[path] != was[path] ? "altered" : "stale"
			if ($1 == "file" && substr($3, 2, 1) % 2 && substr(mode[path], 2, 1) % 2 == 0) return "no-program"
			return (path in had) && had[path] != "-" && had[path] != $3 ? "stale" : "ok"
		}
		pass == "there" { type[$4] = $1; mode[$4] = sprintf("%04d", $2); stat[$4] = $3; next }
		pass == "stats" { if (($3 in stat) && stat[$3] == $1) is[$3] = $2; next }
		pass == "content" { is[$2] = $1; next }
		pass == "recorded" { was[$4] = $2; had[$4] = $3; if ($1 == "dir") made[$4]; next }
		pass == "owned" { owned[$0]; path[++paths] = $0; next }
		{
			state = state_of($4)
			print $4, state
			if (state == "read") print $4 >(lists ($1 == "link" ? "read-links" : "read-files"))
			wanted[$4]
			for (way = parent($4); way != "" && !(way in needed); way = parent(way)) needed[way]
		}
		END { for (i = 1; i <= paths; i++) if (!(path[i] in wanted) && !((path[i] in made) && (path[i] in needed))) print path[i], "unneeded" }
	' pass=there "$lists/there" pass=stats "$part_stats" pass=content "$lists/content" pass=recorded "$lists/recorded" pass=owned "$lists/owned" pass=wanted "$1" >"$lists/states"
}

# list_copies ENTRIES: after compare: prints those of these entries that are not in the jail as they say.
list_copies() {
	awk -F "$tab" 'pass == 1 { if ($2 != "ok") differs[$1]; next } $4 in differs' pass=1 "$lists/states" pass=2 "$1"
}

# all_is_right ENTRIES: after compare: whether the jail and our records are as these entries say.
all_is_right() {
	is_recorded && awk -F "$tab" '
		pass == "states" && $2 != "ok" || pass == "wanted" && !($4 in owned) { exit 1 }
		pass == "owned" { owned[$0] }
	' pass=states "$lists/states" pass=owned "$lists/owned" pass=wanted "$1"
}

# answer_differing: the first paths that differ, and how many there are. What lies behind something that is named already is not counted.
answer_differing() {
	awk -F "$tab" -v OFS="$tab" "$vis_writer"'
		function is_behind(path) { while (sub(/\/[^\/]*$/, "", path)) if (path in differs) return 1; return 0 }
		$2 != "ok" { path[++paths] = $1; differs[$1] = $2 }
		END {
			for (i = 1; i <= paths; i++) {
				if (differs[path[i]] == "bent" && is_behind(path[i])) continue
				if (++count <= 5) print "differs", vis(path[i]), differs[path[i]]
			}
			print "differing", count + 0
		}
	' "$lists/states" >&3
}
