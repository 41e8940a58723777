# Putting files, links and directories into the jail: staged and verified first, then renamed into place, then recorded.
# uses: compare.sh manifest-part.sh manifest.sh refuse-mounted.sh remove-paths.sh staging.sh walk.sh

# put_entries ENTRIES: after compare: makes the jail as entries with a fifth field say, the file that each is a copy of. What else the part owns is
# removed by settle, which has to follow.
put_entries() {
	list_copies "$1" >"$lists/copies"
	list_gone "$1" >"$lists/gone"
	find_in_the_way
	cut -f 4 "$lists/copies" | cat - "$lists/gone" | refuse_mounted
	[ -s "$lists/copies" ] || return 0
	make_staging
	stage_copies
	# The directories that are made on the way are ours, too.
	awk -F "$tab" -v OFS="$tab" '
		pass == 1 { if ($1 == "directory") there[$4]; next }
		{ for (path = $4; sub(/\/[^\/]*$/, "", path);) if (!(path in there) && !seen[path]++) print "dir", "-", "-", path }
	' pass=1 "$lists/there" pass=2 "$lists/copies" >"$lists/made"
	cut -f 1-4 "$1" | cat - "$lists/made" >"$lists/intent"
	intend "$lists/intent"
	sort -r "$lists/in-the-way" | remove_paths
	put_directories
	put_files
	put_links
	remove_staging
	hand_over_directories
	to_jail
}

# find_in_the_way: lists in $lists/in-the-way what stands where a directory is to be, and what a directory holds that stands where a file is to be: as far as it is
# ours or git's. Ends the step where it is somebody else's.
find_in_the_way() {
	if [ "$part" = git ]; then
		# What others had claimed, and do so no more.
		# shellcheck disable=SC2046  # a part a word
		entries_of system $(parts_of_files)
	else
		entries_of git
	fi | cat - "$lists/recorded" "$lists/intended" | awk -F "$tab" '$1 != "dir" { print $4 }' >"$lists/removable"
	awk -F "$tab" '
		pass == 1 { state[$1] = $2; next }
		pass == 2 { type[$4] = $1; next }
		state[$4] == "directory" { print "inside\t" $4 }
		state[$4] == "no-directory" && !seen[$4]++ { print "itself\t" $4 }
		state[$4] == "bent" { for (path = $4; sub(/\/[^\/]*$/, "", path);) if ((path in type) && type[path] != "directory" && !seen[path]++) print "itself\t" path }
	' pass=1 "$lists/states" pass=2 "$lists/there" pass=3 "$lists/copies" >"$lists/obstacles"
	to_jail
	while IFS=$tab read -r kind path; do
		if [ "$kind" = itself ]; then
			printf '%s\tis no directory\n' "$path"
		else
			if [ -n "$(find -P "./$path" -xdev \( -path "*$line_break*" -o -path "*$tab*" \) -print | head -n 1)" ]; then printf '%s/.\tholds files of others\n' "$path"; fi
			find -P "./$path" -xdev ! -path "*$line_break*" -type d | sed 's|^\./||' >>"$lists/in-the-way.directories"
			find -P "./$path" -xdev ! -path "*$line_break*" ! -type d | sed "s|^\./||; s/\$/${tab}is in a directory that is in the way/"
		fi
	done <"$lists/obstacles" >"$lists/obstructing"
	cut -f 1 "$lists/obstructing" | cat - "$lists/in-the-way.directories" 2>/dev/null >"$lists/in-the-way" || :
	stranger=$(awk -F "$tab" 'pass == 1 { ours[$0]; next } !($1 in ours) { print $1 " " $2; exit }' pass=1 "$lists/removable" pass=2 "$lists/obstructing")
	[ -z "$stranger" ] || fail in-the-way "$(one_line "$stranger") in the jail: it is not ours to remove" "see what it is and remove it, then run \`pulumi up\` again"
}

# stage_copies: makes $staging/stage the jail's tree of the files that are to be put there.
stage_copies() {
	awk -F "$tab" '$1 == "file"' "$lists/copies" >"$lists/files"
	unstaged="what is to be there"
	if mkdir "$staging/stage" && fill_stage; then unstaged=$(list_unstaged); fi
	if [ -n "$unstaged" ]; then
		remove_staging
		fail copy "$unstaged could not be copied whole into the jail" "is its disk full, or was it changed meanwhile? Run the same command again; nothing in use was changed"
	fi
	find "$staging/stage/" ! -type d -exec chown -h "$(owner_in_jail)" {} +
}

fill_stage() {
	cut -f 4 "$lists/files" | sed "s|^|$staging/stage/|; s|/[^/]*\$||" | sort -u | tr '\n' '\0' | xargs -0 -r mkdir -p --
	while IFS=$tab read -r _ _ _ path source; do
		cp -L -p -- "$source" "$staging/stage/$path" || return 0
	done <"$lists/files"
	cut -f 3 "$lists/files" | sort -u | while IFS= read -r stage_mode; do
		[ "$stage_mode" = - ] || awk -F "$tab" -v mode="$stage_mode" '$3 == mode { print $4 }' "$lists/files" | (cd "$staging/stage" && tr '\n' '\0' | xargs -0 -r chmod "$stage_mode" --)
	done
}

# list_unstaged: prints the first file that is not in the staging directory as it should be.
list_unstaged() {
	cut -f 4 "$lists/files" | (cd "$staging/stage" && sum_paths) | awk -F "$tab" '
		pass == 1 { sum[$2] = $1; next }
		length($2) != 64 || sum[$4] != $2 { print $4; exit }
	' pass=1 - pass=2 "$lists/files"
}

put_directories() {
	awk -F "$tab" '$1 == "dir" { print $3 "\t" $4 }' "$lists/copies" | while IFS=$tab read -r put_mode path; do
		to_jail
		if [ "$put_mode" = - ]; then
			make_directories "$path"
			continue
		fi
		mkdir "$staging/directory"
		chmod "$put_mode" "$staging/directory"
		go_or_make "$path"
		put "$staging/directory" "${path##*/}"
	done
}

# hand_over_directories: gives the directories in $lists/made the owner that files get, the innermost first.
hand_over_directories() {
	made_owner=$(owner_in_jail)
	[ "$made_owner" != 0:0 ] || return 0
	cut -f 4 "$lists/made" | sort -r | while IFS= read -r directory; do
		go_in_jail "$directory" && chown "$made_owner" .
	done
}

# All of a directory at once. What is a link or a FIFO by now is replaced: rename follows nothing.
put_files() {
	cut -f 4 "$lists/files" | awk '{ if (!sub(/\/[^\/]*$/, "")) $0 = "."; print }' | sort -u | while IFS= read -r directory; do
		to_jail
		make_directories "$directory"
		find "$staging/stage/$directory/" -maxdepth 1 -type f -exec sh -c 'mv -f -- "$@" .' sh {} +
	done
}

# New links first: what they lead to may come into use by another one, which is replaced after them.
put_links() {
	awk -F "$tab" 'pass == 1 { state[$1] = $2; next } $1 == "link" { print (state[$4] == "missing" ? 0 : 1) "\t" $2 "\t" $4 }' pass=1 "$lists/states" pass=2 "$lists/copies" |
		sort -s -k 1,1 | while IFS=$tab read -r _ link_text path; do
		go_or_make "$path"
		rm -f "$staging/link"
		ln -s -- "$link_text" "$staging/link"
		chown -h "$(owner_in_jail)" "$staging/link"
		put "$staging/link" "${path##*/}"
	done
}

# go_or_make PATH: goes to the directory that holds a path of the jail, and makes it where it is not there.
go_or_make() {
	to_jail
	case $1 in
	*/*) make_directories "${1%/*}" ;;
	esac
}

# Owners are JailPermissions' business: what comes anew, which may be after it, gets what it gave to what every jail has.
owner_in_jail() (
	to_jail
	for known in "$marker" "$id_file"; do
		if is_file "$known"; then stat -c '%u:%g' "./$known" && return; fi
	done
	echo 0:0
)

# settle ENTRIES FACTS [SOURCES]: removes what else the part owns, and records these entries as all of it.
settle() {
	list_gone "$1" | remove_paths
	to_jail
	# Directories that were made for the files, and those that all may write to and that are not empty.
	cat "$lists/recorded" "$lists/intended" | awk -F "$tab" '
		pass == 1 { wanted[$4]; for (path = $4; sub(/\/[^\/]*$/, "", path);) needed[path]; next }
		$1 == "dir" && !($4 in wanted) && !seen[$4]++ && (($4 in needed) || $3 != "-") { print ($4 in needed ? "needed" : "left") "\t" $0 }
	' pass=1 "$1" pass=2 - | while IFS=$tab read -r why entry; do
		path=${entry##*"$tab"}
		if [ -d "./$path" ] && [ ! -L "./$path" ]; then
			[ "$why" = needed ] || warn "$path in the jail is not empty: left there"
			printf '%s\n' "$entry"
		fi
	done >"$lists/kept"
	cut -f 1-4 "$1" | cat - "$lists/kept" | sort -u -k 4 -t "$tab" >"$lists/entries"
	shift
	record_manifest "$lists/entries" "$@"
}

# put_back ROOT: puts back what is missing or altered of the part's own, each from where a build or a set of packages has it below ROOT, and nothing else.
# Answers `repaired no`, and does nothing, where something else stands for a directory: it may be a link to a copy of it, which works.
put_back() {
	# A program lies in its library's directory in the jail (python-build/layout.sh).
	awk -F "$tab" -v OFS="$tab" -v root="$1/" '{ path = $4; sub(/^lib\/[^\/]*\/\.program\//, "", path); print $0, root path }' "$lists/recorded" >"$lists/wanted"
	compare "$lists/wanted"
	if ! is_recorded || grep -q "${tab}no-directory\$" "$lists/states"; then
		answer repaired no
		return 0
	fi
	put_entries "$lists/wanted"
	cut -f 1-4 "$lists/wanted" >"$lists/entries"
	record_manifest "$lists/entries" "$lists/recorded-facts"
	answer repaired yes
}

# is_recorded_tree: whether a tree (tree_entries), on standard input, is what the part has in the jail.
is_recorded_tree() {
	sort -k 4 -t "$tab" "$lists/recorded" >"$lists/sorted"
	tree_entries | sort -k 4 -t "$tab" | cmp -s - "$lists/sorted"
}
