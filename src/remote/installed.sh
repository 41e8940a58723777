# What a resource has installed in the jail as one tree. $records/NAME/ has
#   key        what is installed, for which build, and the digest of manifest, owned, version, versions and missing; written last
#   manifest   its files: lines `f SHA256 PATH`, `l TARGET PATH`, `d - PATH`; paths may have spaces, nothing else of that kind
#   owned      every path that we put there, also by an install that was cut off
#   index      `inode size change-time path` of every file as installed: where it still holds, the content need not be read
# uses: records.sh refuse-mounted.sh staging.sh vis.sh walk.sh

# open_installed NAME
open_installed() {
	installed=$records/$1
}

# seal_installed KEY BUILD: what is recorded is whole.
seal_installed() {
	printf '%s %s %s\n' "$1" "$2" "$(record_digest)" | write_record "$installed/key"
}

record_digest() {
	for record in manifest owned version versions missing; do cat "$installed/$record" 2>/dev/null || :; done | sha256sum | cut -c 1-16
}

# installed_is_recorded: whether the records are whole still; leaves what is installed in $recorded_key and $recorded_build. (An older release
# wrote no digest.)
installed_is_recorded() {
	recorded_key='' recorded_build='' recorded_digest=''
	if [ -s "$installed/key" ]; then read -r recorded_key recorded_build recorded_digest <"$installed/key" || return 1; fi
	[ -n "$recorded_build" ] || return 1
	if [ -n "$recorded_digest" ]; then [ "$recorded_digest" = "$(record_digest)" ]; else [ -s "$installed/manifest" ] && [ -s "$installed/owned" ]; fi
}

# own_also FILE: the paths that a file lists are ours from now on, before they stand there.
own_also() {
	touch "$installed/owned"
	sort -u "$1" "$installed/owned" >"$installed/owned.new"
	mv -f "$installed/owned.new" "$installed/owned"
}

# list_gone WANTED: the paths that are ours and not wanted any more, as remove_paths reads them.
list_gone() {
	awk 'pass == 1 { wanted[$0]; next } !($0 in wanted)' pass=1 "$1" pass=2 "$installed/owned" | with_other_levels | sort -r
}

# with_other_levels: paths of ours, and beside our compiled files those that `python3 -O` as root in the jail would have made.
with_other_levels() {
	awk '{ print } /\/__pycache__\/.*\.pyc$/ { sub(/\.pyc$/, ""); print $0 ".opt-1.pyc"; print $0 ".opt-2.pyc" }'
}

index_installed() {
	sed -n 's/^f [^ ]* //p' "$installed/manifest" | (cd -P "$jail" && tr '\n' '\0' | xargs -0 -r stat -c '%i %s %z %n' --) >"$installed/index.new"
	mv -f "$installed/index.new" "$installed/index"
}

# differing_paths FOLDER: prints `WHAT PATH` for every path of the manifest that is missing or altered. Reads only files
# whose stat has changed. FOLDER is for files of its own.
differing_paths() {
	observed=$1
	to_jail
	rm -f "$observed/changed"
	# What a path leads through is checked too: a link in its place would show a file of somewhere else.
	sed -n 's/^d - //p' "$installed/manifest" | while IFS= read -r path; do
		if [ ! -d "./$path" ] || [ -L "./$path" ]; then printf 'missing %s\n' "$path"; fi
	done
	sed -n 's/^l //p' "$installed/manifest" | while read -r target path; do
		if [ ! -e "./$path" ] && [ ! -L "./$path" ]; then
			printf 'missing %s\n' "$path"
		elif [ "$(readlink "./$path")" != "$target" ]; then
			printf 'altered %s\n' "$path"
		fi
	done
	sed -n 's/^f [^ ]* //p' "$installed/manifest" | tr '\n' '\0' | xargs -0 -r stat -c '%i %s %z %n' -- 2>/dev/null >"$observed/now" || :
	known=$installed/index
	[ -f "$known" ] || known=/dev/null
	# Changed stat: read it. In the manifest but without a stat: missing.
	awk -v list="$observed/changed" '
		pass == 1 { known[$0]; next }
		pass == 2 { path = $0; sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ [^ ]+ /, "", path); there[path]; if (!($0 in known)) print path > list; next }
		$1 == "f" { path = $0; sub(/^[^ ]+ [^ ]+ /, "", path); if (!(path in there)) print "missing", path }
	' pass=1 "$known" pass=2 "$observed/now" pass=3 "$installed/manifest"
	if [ -s "$observed/changed" ]; then
		while IFS= read -r path; do
			if is_file "$path"; then printf '%s\n' "$path" >&4; else printf 'altered %s\n' "$path"; fi
		done <"$observed/changed" 4>"$observed/read"
		tr '\n' '\0' <"$observed/read" | xargs -0 -r sha256sum -- | awk '
			pass == 1 { if ($1 == "f") { path = $0; sub(/^[^ ]+ [^ ]+ /, "", path); sha[path] = $2 } next }
			{ path = $0; sub(/^[^ ]+ [ *]/, "", path) }
			sha[path] != $1 { print "altered", path }
		' pass=1 "$installed/manifest" pass=2 -
	fi
}

# The first paths that are missing or altered, and how many there are. $differing_that_count lets pass the lines `WHAT PATH` that count.
differing_that_count="cat"
answer_differing() {
	observed=$(temporary_folder)
	trap 'rm -rf "$observed"' EXIT
	differing_paths "$observed" | "$differing_that_count" >"$observed/differing"
	head -n 5 "$observed/differing" | awk -v tab="$tab" "$vis_writer"'{ print vis(substr($0, length($1) + 2)) tab $1 }' | while IFS=$tab read -r path what; do answer differs "$path" "$what"; done
	answer differing "$(($(wc -l <"$observed/differing")))"
}

# Whether something that works stands where a directory should be: a link to a copy of it.
is_bent() {
	to_jail
	sed -n 's/^d - //p' "$installed/manifest" | while IFS= read -r path; do
		if [ -L "./$path" ]; then echo bent; fi
	done | grep -q bent
}

# put_back TREE WHAT: puts back from a tree like the jail's what of the manifest is missing or altered, and nothing else.
put_back() {
	observed=$(temporary_folder)
	trap 'rm -rf "$observed"' EXIT
	# What lies behind a link in a folder's place shows when the folder is there again: look until nothing differs.
	rounds=0
	while :; do
		# Sorted, a folder comes before what is in it.
		differing_paths "$observed" | sort -k 2 >"$observed/differing"
		[ -s "$observed/differing" ] || break
		sed 's/^[^ ]* //' "$observed/differing" | refuse_mounted
		rounds=$((rounds + 1))
		if [ "$rounds" -gt 3 ]; then fail changed "something else writes to $2 in the jail" "stop it, then run \`pulumi up\` again"; fi
		hold_folder
		while read -r what path; do put_back_path "$1" "$path"; done <"$observed/differing"
		drop_folder
	done
	index_installed
}

# put_back_path TREE PATH
put_back_path() {
	to_jail
	# Of what others share with us the folder may be gone too.
	case $2 in
	*/*) make_folders "${2%/*}" ;;
	esac
	name=${2##*/}
	if grep -Fqx -e "d - $2" "$installed/manifest"; then
		rm -f "./$name"
		mkdir "./$name"
		return 0
	fi
	if [ -d "./$name" ] && [ ! -L "./$name" ]; then
		fail not-a-file "$2 is a folder now" "see what is in it, and remove it"
	fi
	text=$(link_text_of "$2")
	if [ -n "$text" ]; then
		ln -s -- "$text" "$held/file"
	elif ! cp -P -p "$1/$(path_in_build "$2")" "$held/file"; then
		drop_folder
		fail copy "$2 could not be put back" "is the jail's disk full?"
	fi
	put "$held/file" "$name"
}

# path_in_build PATH: where a build has it (layout.sh).
path_in_build() {
	printf '%s' "$1" | sed 's|^lib/[^/]*/\.program/||'
}

# link_text_of PATH: what a link of the manifest says; empty where it has no link there.
link_text_of() {
	LINK=$1 awk '$1 == "l" && $3 == ENVIRON["LINK"] { print $2 }' "$installed/manifest"
}
