# remove_paths: removes the paths on standard input, which are sorted in reverse: files and links first, folder by folder,
# then the folders that are empty, deepest first. Relative to the jail, through no link.
# uses: refuse-mounted.sh walk.sh
remove_paths() {
	remove_folder=
	remove_folders=
	set --
	while IFS= read -r path; do
		# A damaged record may name anything.
		case /$path/ in
		*//* | */./* | */../*) continue ;;
		esac
		to_jail
		if [ -d "./$path" ] && [ ! -L "./$path" ]; then
			remove_folders=$remove_folders$path$line_break
			continue
		fi
		case $path in
		*/*) remove_here=${path%/*} ;;
		*) remove_here=. ;;
		esac
		# No more at once than one command takes, and than a shell adds to quickly.
		if [ "$remove_here" != "$remove_folder" ] || [ $# -ge 500 ]; then
			remove_names "$@"
			set --
			remove_folder=$remove_here
		fi
		set -- "$@" "./${path##*/}"
	done
	remove_names "$@"
	printf '%s' "$remove_folders" | while IFS= read -r path; do
		case $path in
		*/*) go_in_jail "${path%/*}" || continue ;;
		*) go_in_jail . ;;
		esac
		# To this step a mount point is an empty directory.
		is_mounted "$path" || rmdir "./${path##*/}" 2>/dev/null || :
	done
	to_jail
}

# remove_names NAME...: removes names in $remove_folder.
remove_names() {
	if [ $# -gt 0 ] && go_in_jail "$remove_folder"; then
		refuse_mounted_here "$@"
		rm -f -- "$@"
	fi
}
