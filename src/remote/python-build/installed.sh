# What is installed in the jail: $records/python/ has
#   key        the build that is installed; written last
#   manifest   its files (format: recipe.sh)
#   owned      every path that we put there, also by an install that was cut off
#   index      `inode size change-time path` of every file as installed: where it still holds, the content need not be read

open_installed() {
	installed=$records/python
}

# with_other_levels: paths of ours, and beside our compiled files those that `python3 -O` as root in the jail would have made.
with_other_levels() {
	awk '{ print } /\/__pycache__\/.*\.pyc$/ { sub(/\.pyc$/, ""); print $0 ".opt-1.pyc"; print $0 ".opt-2.pyc" }'
}

index_installed() {
	sed -n 's/^f [^ ]* //p' "$installed/manifest" | (cd -P "$jail" && tr '\n' '\0' | xargs -0 stat -c '%i %s %z %n') >"$installed/index.new"
	mv -f "$installed/index.new" "$installed/index"
}

# differing_paths FOLDER: prints `PATH WHAT` for every path of the manifest that is missing or altered. Reads only files
# whose stat has changed. FOLDER is for files of its own.
differing_paths() {
	observed=$1
	to_jail
	rm -f "$observed/changed"
	# What a path leads through is checked too: a link in its place would show a file of somewhere else.
	awk '$1 == "d" { print $3 }' "$installed/manifest" | while read -r path; do
		if [ ! -d "./$path" ] || [ -L "./$path" ]; then printf '%s missing\n' "$path"; fi
	done
	awk '$1 == "l" { print $2, $3 }' "$installed/manifest" | while read -r target path; do
		if [ ! -e "./$path" ] && [ ! -L "./$path" ]; then
			printf '%s missing\n' "$path"
		elif [ "$(readlink "./$path")" != "$target" ]; then
			printf '%s altered\n' "$path"
		fi
	done
	sed -n 's/^f [^ ]* //p' "$installed/manifest" | tr '\n' '\0' | xargs -0 stat -c '%i %s %z %n' 2>/dev/null >"$observed/now" || :
	known=$installed/index
	[ -f "$known" ] || known=/dev/null
	# Changed stat: read it. In the manifest but without a stat: missing.
	awk -v list="$observed/changed" '
		pass == 1 { known[$0]; next }
		pass == 2 { there[$6]; if (!($0 in known)) print $6 > list; next }
		$1 == "f" && !($3 in there) { print $3, "missing" }
	' pass=1 "$known" pass=2 "$observed/now" pass=3 "$installed/manifest"
	if [ -s "$observed/changed" ]; then
		while IFS= read -r path; do
			if is_file "$path"; then printf '%s\n' "$path" >&4; else printf '%s altered\n' "$path"; fi
		done <"$observed/changed" 4>"$observed/read"
		tr '\n' '\0' <"$observed/read" | xargs -0 -r sha256sum -- | sed 's|^\([0-9a-f]*\)  |\1 |' | awk '
			pass == 1 { if ($1 == "f") sha[$3] = $2; next }
			sha[$2] != $1 { print $2, "altered" }
		' pass=1 "$installed/manifest" pass=2 -
	fi
}
