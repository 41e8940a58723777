# Compare the jail with the entries that it should have.
# uses: manifest-part.sh manifest.sh vis.sh walk.sh

# compare ENTRIES: compares the jail with the entries, for the open part. Writes to $lists
#   states   `PATH STATE` of every entry, in the order of the entries. STATE is ok, missing, altered, stale (ours, but
#            no longer what is wanted), other (not ours), no-program, directory, no-directory, no-file, no-link, bent
#            (a parent is not a directory) or read (it could not be read). Further paths that we own are unneeded
#   there    `TYPE MODE STAT PATH` of the paths that exist, and of their parent directories
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

# read_links: reads paths of symlinks from standard input and prints `TEXT PATH` of each. TEXT is empty if it has a line
# break or a tab, which no symlink of ours has.
read_links() {
	while IFS= read -r link; do
		# The x keeps line breaks at the end of the text, which the shell would strip.
		link_text=$(readlink -n -- "$link" && printf x) || link_text=
		case $link_text in
		*"$line_break"* | *"$tab"*) link_text= ;;
		esac
		printf '%s\t%s\n' "${link_text%x}" "$link"
	done
}

# judge ENTRIES: writes the states. Lists in read-files and read-links the paths that have to be read first.
judge() {
	: >"$lists/read-files"
	: >"$lists/read-links"
	awk -F "$tab" -v OFS="$tab" -v lists="$lists/" '
		function parent(path) { return sub(/\/[^\/]*$/, "", path) ? path : "" }
		# Whether a directory or one of its parents is not a directory.
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

# list_copies ENTRIES: prints the entries that the jail does not match. Call after compare.
list_copies() {
	awk -F "$tab" 'pass == 1 { if ($2 != "ok") differs[$1]; next } $4 in differs' pass=1 "$lists/states" pass=2 "$1"
}

# all_is_right ENTRIES: whether the jail and our records match the entries. Call after compare.
all_is_right() {
	is_recorded && awk -F "$tab" '
		pass == "states" && $2 != "ok" || pass == "wanted" && !($4 in owned) { exit 1 }
		pass == "owned" { owned[$0] }
	' pass=states "$lists/states" pass=owned "$lists/owned" pass=wanted "$1"
}

# answer_differing: answers the first 5 paths that differ, and their number. Does not count a path below one that is
# counted already.
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
