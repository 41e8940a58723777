# remove_paths: removes the paths on standard input, deepest first: files and links, and folders that are then empty.
# Relative to the jail, through no link. Byte code that Python wrote beside its files goes with them.
remove_paths() {
	remove_last=
	while IFS= read -r path; do
		case $path in
		*/*) remove_folder=${path%/*} ;;
		*) remove_folder=. ;;
		esac
		if [ "$remove_folder" != "$remove_last" ]; then
			remove_last=
			go_in_jail "$remove_folder" || continue
			remove_last=$remove_folder
		fi
		remove_name=${path##*/}
		if [ -d "./$remove_name" ] && [ ! -L "./$remove_name" ]; then
			rmdir "./$remove_name" 2>/dev/null || :
		else
			rm -f "./$remove_name"
		fi
	done
	cd -P "$jail" || exit 1
}
