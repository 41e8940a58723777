# remove_paths: removes the paths on standard input, which are sorted in reverse: files and symlinks first, directory by
# directory, then the empty directories, deepest first. Paths are relative to the jail. Follows no symlink.
# uses: refuse-mounted.sh walk.sh
remove_paths() {
	remove_directory=
	remove_directories=
	set --
	while IFS= read -r path; do
		# Ignore what only a damaged record can name.
		case /$path/ in
		*//* | */./* | */../*) continue ;;
		esac
		to_jail
		if [ -d "./$path" ] && [ ! -L "./$path" ]; then
			remove_directories=$remove_directories$path$line_break
			continue
		fi
		case $path in
		*/*) remove_here=${path%/*} ;;
		*) remove_here=. ;;
		esac
		# Delete in batches of 500 to stay under ARG_MAX, and because shells append to long lists slowly.
		if [ "$remove_here" != "$remove_directory" ] || [ $# -ge 500 ]; then
			remove_names "$@"
			set --
			remove_directory=$remove_here
		fi
		set -- "$@" "./${path##*/}"
	done
	remove_names "$@"
	printf '%s' "$remove_directories" | while IFS= read -r path; do
		go_to_parent "$path" || continue
		# Keep mount points: this step sees one as an empty directory.
		is_mounted "$path" || rmdir "./${path##*/}" 2>/dev/null || :
	done
	to_jail
}

# remove_names NAME...: removes names in $remove_directory.
remove_names() {
	if [ $# -gt 0 ] && go_in_jail "$remove_directory"; then
		refuse_mounted_here "$@"
		rm -f -- "$@"
	fi
}
