# The files that one JailFiles has put below its target. $records/sent-KEY is the archive that the control machine sent;
# its files are named by their sha256. $records/contents-KEY is the directory in which it is unpacked.
# uses: compare.sh listing.sh manifest-part.sh manifest.sh mounts.sh remove-paths.sh remove-trees.sh vis.sh walk.sh

# open_files KEY: opens the part of one JailFiles. Sets $sent and $contents.
open_files() {
	open_manifest "files-$1"
	sent=$records/sent-$1
	contents=$records/contents-$1
}

# read_list LIST: converts a list of lines `SHA256 MODE PATH` to entries in $lists/wanted, each with the path of its
# content.
read_list() {
	if [ -n "$1" ]; then printf '%s\n' "$1"; fi | awk -F "$tab" -v OFS="$tab" -v from="$contents/" '{ print "file", $1, $2, $3, from $1 }' >"$lists/wanted"
}

# all_files_are_right DIGEST: whether the jail and our records match the list with this digest. Call after compare.
all_files_are_right() {
	[ "$(fact digest)" = "$1" ] && all_is_right "$lists/wanted"
}

# list_unmanaged TARGET: lists the unmanaged files below the target in $lists/unmanaged, and directories with unmanaged
# content only in $lists/unmanaged-directories. Files of git and of all JailFiles are managed. Leaves out mounted file
# systems and names with a line break. Lists a directory whose path is too long to read as one unmanaged file.
list_unmanaged() {
	: >"$lists/unmanaged"
	: >"$lists/unmanaged-directories"
	to_jail
	if ! (go_to "$1"); then return 0; fi
	mounts_below "$jail" >"$lists/mounts"
	# shellcheck disable=SC2046  # one word for each part
	entries_of git $(parts_of_files) >"$lists/managed"
	# The slash at the end marks a directory.
	find -P "./$1" -xdev -mindepth 1 -path "$too_long" -prune ! -path "*$line_break*" -print -o ! -path "$too_long" ! -path "*$line_break*" -type d -exec printf '%s/\n' {} + -o ! -path "$too_long" ! -path "*$line_break*" ! -type d -print |
		JAIL=$jail awk -F "$tab" -v lists="$lists/" '
			function know(path) { while (!(path in known)) { known[path]; if (!sub(/\/[^\/]*$/, "", path)) return } }
			pass == "managed" { know($4); next }
			pass == "mounts" { know(substr($0, length(ENVIRON["JAIL"]) + 2)); next }
			{
				path = substr($0, 3)
				is_directory = sub(/\/$/, "", path)
				if (!(path in known)) print path >(lists (is_directory ? "unmanaged-directories" : "unmanaged"))
			}
		' pass=managed "$lists/managed" pass=mounts "$lists/mounts" pass=found -
}

# remove_unmanaged: removes the unmanaged files and directories. Call after list_unmanaged. A directory whose path is
# too long to read is removed with its content; none of our files can be in it.
remove_unmanaged() {
	while IFS= read -r path; do
		if [ -d "./$path" ] && [ ! -L "./$path" ]; then
			go_in_jail "${path%/*}" && remove_trees -name "$(printf '%s\n' "${path##*/}" | escaped)"
			to_jail
		fi
	done <"$lists/unmanaged"
	sort -r "$lists/unmanaged" "$lists/unmanaged-directories" | remove_paths
}

# answer_unmanaged: answers the first 5 unmanaged files, and their number.
answer_unmanaged() {
	if [ -s "$lists/unmanaged" ]; then sort "$lists/unmanaged" | head -n 5 | cut -c 1-80 | vis_lines | while IFS= read -r path; do answer unmanaged-file "$path"; done; fi
	answer unmanaged "$(($(wc -l <"$lists/unmanaged")))"
}
