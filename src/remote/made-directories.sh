# Make the parent directories of an installation, and remove them again. $records/made-below names the deepest directory
# that existed before. A delete removes the directories below it, as far as they are empty.
# uses: records.sh walk.sh

# make_recorded_directories PATH: makes and enters the directories of an absolute path, following no symlink. Writes the
# record before it makes the first of them. Keeps an existing record if the directory that it names is above the missing
# ones: then an interrupted run has made some of them already.
make_recorded_directories() {
	made_from=$(nearest_directory "$1")
	made_below=$(cat "$records/made-below" 2>/dev/null || :)
	if [ -z "$made_below" ] || ! is_within "$made_from" "$made_below"; then
		printf '%s\n' "$made_from" >"$records/made-below.new"
		mv -f "$records/made-below.new" "$records/made-below"
	fi
	go_to "$made_from" || fail symlink "${refused_component:-$made_from} is a symbolic link or no directory" "give the real path as \`path\`"
	if [ "$made_from" != "$1" ]; then make_directories "${1#"${made_from%/}"/}"; fi
}

# remove_made_directories PATH: removes a directory that we made and its parents, from the innermost one up, until one
# is not empty.
remove_made_directories() {
	made_below=$(cat "$records/made-below" 2>/dev/null || :)
	made_path=$1
	while [ -n "$made_below" ] && [ "$made_path" != "$made_below" ] && is_within "$made_path" "$made_below"; do
		made_name=${made_path##*/}
		made_path=${made_path%/*}
		made_path=${made_path:-/}
		if ! go_to "$made_path" || ! rmdir "./$made_name" 2>/dev/null; then break; fi
	done
	cd /
}

# is_within PATH DIRECTORY: succeeds if the path is the directory or lies in it.
is_within() {
	case $1/ in
	"${2%/}"/*) ;;
	*) return 1 ;;
	esac
}
