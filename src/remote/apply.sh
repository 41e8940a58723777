# Put files, symlinks and directories into the jail: stage and verify them, rename them into place, then record them.
# uses: compare.sh manifest-part.sh manifest.sh refuse-mounted.sh remove-paths.sh staging.sh walk.sh

# put_entries ENTRIES: makes the jail match the entries. Their fifth field is the file that each is a copy of. Call
# after compare. Call settle next: it removes the other paths that the part owns.
put_entries() {
	list_copies "$1" >"$lists/copies"
	list_gone "$1" >"$lists/gone"
	find_in_the_way
	cut -f 4 "$lists/copies" | cat - "$lists/gone" | refuse_mounted
	[ -s "$lists/copies" ] || return 0
	make_staging
	stage_copies
	# The part also owns the parent directories that are made.
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

# find_in_the_way: lists in $lists/in-the-way the paths to remove first: a file where a directory is wanted, and a
# directory with its content where a file is wanted. Ends the step if neither this part nor git owns one of them.
find_in_the_way() {
	if [ "$part" = git ]; then
		# The repository takes back paths of parts that no longer declare them.
		# shellcheck disable=SC2046  # one word for each part
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

# stage_copies: copies the wanted files to $staging/stage, at their paths in the jail, and verifies them.
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

# list_unstaged: prints the first file whose copy in the staging directory is missing or wrong.
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

# hand_over_directories: gives the directories in $lists/made the owner that new files get, innermost first.
hand_over_directories() {
	made_owner=$(owner_in_jail)
	[ "$made_owner" != 0:0 ] || return 0
	cut -f 4 "$lists/made" | sort -r | while IFS= read -r directory; do
		go_in_jail "$directory" && chown "$made_owner" .
	done
}

# put_files: renames the staged files into place, all of one directory at once. A rename follows no symlink: it replaces
# a symlink or a FIFO that somebody has put at the path meanwhile.
put_files() {
	cut -f 4 "$lists/files" | awk '{ if (!sub(/\/[^\/]*$/, "")) $0 = "."; print }' | sort -u | while IFS= read -r directory; do
		to_jail
		make_directories "$directory"
		find "$staging/stage/$directory/" -maxdepth 1 -type f -exec sh -c 'mv -f -- "$@" .' sh {} +
	done
}

# put_links: puts the symlinks into place, new ones first. A replaced symlink, such as .libraries/current, may bring the
# targets of new ones into use.
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

# go_or_make PATH: enters the parent directory of a path in the jail, and makes it if it does not exist.
go_or_make() {
	to_jail
	case $1 in
	*/*) make_directories "${1%/*}" ;;
	esac
}

# owner_in_jail: prints the owner for new files, as `UID:GID`: that of the marker or the id file, which every jail has.
# JailPermissions has set it; a new file may be put there after JailPermissions ran.
owner_in_jail() (
	to_jail
	for known in "$marker" "$id_file"; do
		if is_file "$known"; then stat -c '%u:%g' "./$known" && return; fi
	done
	echo 0:0
)

# settle ENTRIES FACTS [SOURCES]: removes the other paths that the part owns, and records these entries as all of them.
settle() {
	list_gone "$1" | remove_paths
	to_jail
	# Keep the directories that were made for the files, and directories with a mode (`tmp`) that are not empty.
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

# put_back ROOT: repairs the part: puts back missing and altered paths, from a build or a set of packages below ROOT,
# and changes nothing else. If something else is at the path of a directory, does nothing and answers `repaired no`:
# it may be a symlink to a copy of the directory, which works.
put_back() {
	# In the jail a program is in the directory of its library (python-build/layout.sh).
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

# is_recorded_tree: whether the list of files on standard input (see tree_entries) is what the part has recorded.
is_recorded_tree() {
	sort -k 4 -t "$tab" "$lists/recorded" >"$lists/sorted"
	tree_entries | sort -k 4 -t "$tab" | cmp -s - "$lists/sorted"
}
