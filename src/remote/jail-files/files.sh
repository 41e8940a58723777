# What one JailFiles has put below its target. $records/sent-KEY is an archive that was sent, its files named by their sha256; contents-KEY is the
# same, unpacked.
# uses: compare.sh listing.sh manifest-part.sh manifest.sh mounts.sh remove-paths.sh remove-trees.sh vis.sh walk.sh

# open_files KEY
open_files() {
	open_manifest "files-$1"
	sent=$records/sent-$1
	contents=$records/contents-$1
}

# read_list LIST: makes of a list of lines `SHA256 MODE PATH` the entries in $lists/wanted, each with the place of its content.
read_list() {
	if [ -n "$1" ]; then printf '%s\n' "$1"; fi | awk -F "$tab" -v OFS="$tab" -v from="$contents/" '{ print "file", $1, $2, $3, from $1 }' >"$lists/wanted"
}

# all_files_are_right DIGEST
all_files_are_right() {
	[ "$(fact digest)" = "$1" ] && all_is_right "$lists/wanted"
}

# list_unmanaged TARGET: what lies there and is neither ours nor another's who says so: files in $lists/unmanaged, and directories that hold nothing
# else in $lists/unmanaged-directories. What is mounted there is not read, nor are names with a line break. A directory whose path is too long to read it
# stands for what is in it.
list_unmanaged() {
	: >"$lists/unmanaged"
	: >"$lists/unmanaged-directories"
	to_jail
	if ! (go_to "$1"); then return 0; fi
	mounts_below "$jail" >"$lists/mounts"
	# shellcheck disable=SC2046  # a part a word
	entries_of git $(parts_of_files) >"$lists/managed"
	# Directories end with a slash.
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

# remove_unmanaged: after list_unmanaged. Of a directory that was too long to read nothing else is known than that none of ours is in it.
remove_unmanaged() {
	while IFS= read -r path; do
		if [ -d "./$path" ] && [ ! -L "./$path" ]; then
			go_in_jail "${path%/*}" && remove_trees -name "$(printf '%s\n' "${path##*/}" | escaped)"
			to_jail
		fi
	done <"$lists/unmanaged"
	sort -r "$lists/unmanaged" "$lists/unmanaged-directories" | remove_paths
}

answer_unmanaged() {
	if [ -s "$lists/unmanaged" ]; then sort "$lists/unmanaged" | head -n 5 | cut -c 1-80 | vis_lines | while IFS= read -r path; do answer unmanaged-file "$path"; done; fi
	answer unmanaged "$(($(wc -l <"$lists/unmanaged")))"
}
