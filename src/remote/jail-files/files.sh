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

# list_strays TARGET: what lies there and is neither ours nor another's who says so: $lists/strays, and folders that hold
# nothing else in $lists/stray-folders. What is mounted there is not looked at, nor are names with a line break. A folder whose path is
# too long to look into it stands for what is in it.
list_strays() {
	: >"$lists/strays"
	: >"$lists/stray-folders"
	to_jail
	if ! (go_to "$1"); then return 0; fi
	{
		# shellcheck disable=SC2046  # a part a word
		owned_by git $(parts_of_files)
		mounts_below "$jail" | JAIL=$jail awk '{ print substr($0, length(ENVIRON["JAIL"]) + 2) }'
	} >"$lists/known"
	find -P "./$1" -xdev -mindepth 1 -path "$too_long" -prune -o ! -path "*$line_break*" -type d -print | sed 's|^\./||' | sort >"$lists/folders"
	find -P "./$1" -xdev -mindepth 1 -path "$too_long" -prune ! -path "*$line_break*" -print -o ! -path "*$line_break*" ! -type d -print | sed 's|^\./||' | sort >"$lists/things"
	awk -v strays="$lists/strays" -v folders="$lists/stray-folders" '
		pass == "known" { known[$0]; for (path = $0; sub(/\/[^\/]*$/, "", path);) known[path]; next }
		!($0 in known) { print > (pass == "things" ? strays : folders) }
	' pass=known "$lists/known" pass=things "$lists/things" pass=folders "$lists/folders"
}

# remove_strays: after list_strays. Of a folder that was too long to look into nothing else is known than that none of ours is in it.
remove_strays() {
	while IFS= read -r path; do
		if [ -d "./$path" ] && [ ! -L "./$path" ]; then
			go_in_jail "${path%/*}" && remove_trees -name "$(printf '%s\n' "${path##*/}" | escaped)"
			to_jail
		fi
	done <"$lists/strays"
	sort -r "$lists/strays" "$lists/stray-folders" | remove_paths
}

answer_strays() {
	head -n 5 "$lists/strays" | cut -c 1-80 | vis_lines | while IFS= read -r path; do answer stray "$path"; done
	answer strays "$(($(wc -l <"$lists/strays")))"
}
