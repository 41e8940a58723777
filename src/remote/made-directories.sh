# The directories that are made on the way to what a step installs. $records/made-below names the directory that was there before
# them: a delete removes those below it, as far as they are empty.
# uses: records.sh walk.sh

# make_directories PATH: makes and enters the directories of an absolute path, through no symlink. The record is written before the
# first of them is made. It stays while the directory that it names is above those still missing: then a run that was cut off has made
# some of them already.
make_directories() {
	made_from=$(nearest_folder "$1")
	made_below=$(cat "$records/made-below" 2>/dev/null || :)
	if [ -z "$made_below" ] || ! is_within "$made_from" "$made_below"; then
		printf '%s\n' "$made_from" >"$records/made-below.new"
		mv -f "$records/made-below.new" "$records/made-below"
	fi
	go_to "$made_from" || fail symlink "${refused_component:-$made_from} is a symbolic link or no directory" "give the real path as \`path\`"
	if [ "$made_from" != "$1" ]; then make_folders "${1#"${made_from%/}"/}"; fi
}

# remove_made_directories PATH: removes a directory that was made by us and those above it, from the innermost on, until one is not empty.
remove_made_directories() {
	made_below=$(cat "$records/made-below" 2>/dev/null || :)
	made_way=$1
	while [ -n "$made_below" ] && [ "$made_way" != "$made_below" ] && is_within "$made_way" "$made_below"; do
		made_name=${made_way##*/}
		made_way=${made_way%/*}
		made_way=${made_way:-/}
		if ! go_to "$made_way" || ! rmdir "./$made_name" 2>/dev/null; then break; fi
	done
	cd /
}

# is_within PATH DIRECTORY: whether a path is that directory or lies in it.
is_within() {
	case $1/ in
	"${2%/}"/*) ;;
	*) return 1 ;;
	esac
}
