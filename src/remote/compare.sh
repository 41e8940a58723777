# What is in the jail against what should be there.
# uses: manifest-part.sh manifest.sh vis.sh walk.sh

# compare ENTRIES: compares the jail with entries, for the part that is open. Leaves in $lists
#   states   `PATH STATE` of every entry, sorted: ok, missing, altered, stale (ours, but not what is wanted now), other (not ours),
#            no-program, directory, no-directory, no-file, no-link, bent (a parent is no directory), read (it could not be read); and of
#            what is ours beyond them: unneeded
#   there    `TYPE MODE STAT PATH` of what is there, with the directories on the way
compare() {
	to_jail
	cut -f 4 "$1" | sort -u - "$lists/owned" | awk '{ print; while (sub(/\/[^\/]*$/, "") && !($0 in seen)) { seen[$0]; print } }' | stat_paths >"$lists/there"
	: >"$lists/content"
	judge "$1" | sort >"$lists/states"
	awk -F "$tab" -v folder="$lists/" '
		pass == 1 { if ($2 == "read") read[$1]; next }
		$4 in read { print $4 >(folder ($1 == "symbolic link" ? "read-links" : "read-files")) }
	' pass=1 "$lists/states" pass=2 "$lists/there"
	if [ -f "$lists/read-files" ] || [ -f "$lists/read-links" ]; then
		read_records "$lists/read-files" | sum_paths >"$lists/content"
		read_records "$lists/read-links" | read_links >>"$lists/content"
		rm -f "$lists/read-files" "$lists/read-links"
		judge "$1" | sort >"$lists/states"
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

judge() {
	awk -F "$tab" -v OFS="$tab" '
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
		pass == "owned" { owned[$0]; next }
		{
			print $4, state_of($4)
			wanted[$4]
			for (way = parent($4); way != "" && !(way in needed); way = parent(way)) needed[way]
		}
		END { for (path in owned) if (!(path in wanted) && !((path in made) && (path in needed))) print path, "unneeded" }
	' pass=there "$lists/there" pass=stats "$lists/stats" pass=content "$lists/content" pass=recorded "$lists/recorded" pass=owned "$lists/owned" pass=wanted "$1"
}

# list_copies ENTRIES: after compare: prints those of these entries that are not in the jail as they say.
list_copies() {
	awk -F "$tab" 'pass == 1 { if ($2 != "ok") differs[$1]; next } $4 in differs' pass=1 "$lists/states" pass=2 "$1"
}

# all_is_right ENTRIES: after compare: whether the jail and our records are as these entries say.
all_is_right() {
	if grep -qv "${tab}ok\$" "$lists/states"; then return 1; fi
	is_recorded && cut -f 4 "$1" | sort -u | comm -23 - "$lists/owned" | cmp -s - /dev/null
}

# answer_differing: the first paths that differ, and how many there are. What lies behind something that is named already is not counted.
answer_differing() {
	awk -F "$tab" '
		$2 == "ok" { next }
		{ differs[$1] }
		$2 == "bent" { for (way = $1; sub(/\/[^\/]*$/, "", way);) if (way in differs) next }
		{ print }
	' "$lists/states" >"$lists/differing"
	head -n 5 "$lists/differing" | awk -F "$tab" -v OFS="$tab" "$vis_writer"'{ print vis($1), $2 }' | while IFS=$tab read -r path state; do answer differs "$path" "$state"; done
	answer differing "$(($(wc -l <"$lists/differing")))"
}
