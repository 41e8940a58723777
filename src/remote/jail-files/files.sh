# What one JailFiles has put below its target: $records/files/KEY/ is as in placed-files.sh, and has
#   digest       of all that was declared; written last
#   sent         an archive that was sent, its files named by their sha256
#   contents/    the same, unpacked
# uses: listing.sh mounts.sh placed-files.sh remove-paths.sh remove-trees.sh vis.sh walk.sh

# open_files KEY
open_files() {
	open_placed "$records/files/$1"
}

# read_list LIST: a list of lines `SHA256 USE PATH` as $work/wanted.
read_list() {
	if [ -n "$1" ]; then printf '%s\n' "$1"; fi | awk -v from="$placed/contents/" -v tab="$tab" -F "$tab" '{ print $0 tab from $1 }' >"$work/wanted"
}

all_files_placed() {
	[ "$(cat "$placed/digest" 2>/dev/null || :)" = "$1" ] && all_placed
}

# list_strays TARGET: what lies there and is neither ours nor another's who says so: $work/strays, and folders that hold
# nothing else in $work/stray-folders. What is mounted there is not looked at, nor are names with a line break. A folder whose path is
# too long to look into it stands for what is in it.
list_strays() {
	: >"$work/strays"
	: >"$work/stray-folders"
	to_jail
	if ! (go_to "$1"); then return 0; fi
	{
		cat "$records/git.files" "$records"/files/*/owned 2>/dev/null || :
		mounts_below "$jail" | JAIL=$jail awk '{ print substr($0, length(ENVIRON["JAIL"]) + 2) }'
	} >"$work/known"
	find -P "./$1" -xdev -mindepth 1 -path "$too_long" -prune -o ! -path "*$line_break*" -type d -print | sed 's|^\./||' | sort >"$work/folders"
	find -P "./$1" -xdev -mindepth 1 -path "$too_long" -prune ! -path "*$line_break*" -print -o ! -path "*$line_break*" ! -type d -print | sed 's|^\./||' | sort >"$work/things"
	awk -v strays="$work/strays" -v folders="$work/stray-folders" '
		pass == "known" { known[$0]; for (path = $0; sub(/\/[^\/]*$/, "", path);) known[path]; next }
		!($0 in known) { print > (pass == "things" ? strays : folders) }
	' pass=known "$work/known" pass=things "$work/things" pass=folders "$work/folders"
}

# remove_strays: after list_strays. Of a folder that was too long to look into nothing else is known than that none of ours is in it.
remove_strays() {
	while IFS= read -r path; do
		if [ -d "./$path" ] && [ ! -L "./$path" ]; then
			go_in_jail "${path%/*}" && remove_trees -name "$(printf '%s\n' "${path##*/}" | escaped)"
			to_jail
		fi
	done <"$work/strays"
	sort -r "$work/strays" "$work/stray-folders" | remove_paths
}

answer_strays() {
	head -n 5 "$work/strays" | cut -c 1-80 | vis_lines | while IFS= read -r path; do answer stray "$path"; done
	answer strays "$(($(wc -l <"$work/strays")))"
}
