# Going to directories, and making them, through no symbolic link.
# uses: refuse-mounted.sh

# Goes to a directory, one component at a time, through no symbolic link: whoever may write on the way cannot lead us
# elsewhere, because once inside a directory we hold it, whatever its path becomes. 1: a component is not there;
# 2: a component is a link or no directory (refused_component says which).
refused_component=
go_to() {
	case $1 in
	/*) cd / || return 2 ;;
	esac
	go_rest=${1#/}
	go_from=$(pwd -P)
	while [ -n "$go_rest" ]; do
		go_part=${go_rest%%/*}
		case $go_rest in
		*/*) go_rest=${go_rest#*/} ;;
		*) go_rest= ;;
		esac
		case $go_part in
		'' | .) continue ;;
		esac
		go_to_be=${go_from%/}/$go_part
		if [ -L "./$go_part" ]; then
			refused_component=$go_to_be
			return 2
		fi
		[ -e "./$go_part" ] || return 1
		if ! cd -P "./$go_part" 2>/dev/null || ! go_from=$(pwd -P) || [ "$go_from" != "$go_to_be" ]; then
			refused_component=$go_to_be
			return 2
		fi
	done
}

# To the jail's folder; whoever may write to its parent cannot lead us elsewhere.
to_jail() {
	if ! cd -P "$jail" 2>/dev/null || [ "$(pwd -P)" != "$jail" ]; then
		fail gone "the jail went away while we worked in it" "run the same command again"
	fi
}

# The same as go_to, from the jail's folder, for a relative path; ends the step where it meets a link.
go_in_jail() {
	case $1 in
	/*) fail defect "$1 is not inside the jail" "this is a defect: please report it" ;;
	esac
	to_jail
	go_status=0
	go_to "$1" || go_status=$?
	if [ "$go_status" = 2 ]; then
		fail symlink "$refused_component is a symbolic link or no directory: nothing is written through it" "remove it, then run \`pulumi up\` again"
	fi
	return "$go_status"
}

# top_mode NAME: the mode that JailPermissions gives a folder at the jail's top, where nothing else is declared. What is made has it at once:
# there may be no JailPermissions after it.
top_mode() {
	case $1 in
	bin | static) echo 0755 ;;
	scratch) echo 0770 ;;
	*) echo 0751 ;;
	esac
}

# Makes and enters the folders of a relative path, one by one, from a folder that we are in.
make_folders() {
	make_rest=$1
	while [ -n "$make_rest" ] && [ "$make_rest" != . ]; do
		make_part=${make_rest%%/*}
		case $make_rest in
		*/*) make_rest=${make_rest#*/} ;;
		*) make_rest= ;;
		esac
		[ -e "./$make_part" ] || refuse_mounted_here "$make_part"
		make_from=$(pwd -P)
		make_from=${make_from%/}
		[ -e "./$make_part" ] || [ -L "./$make_part" ] || make_folder "$make_from" "$make_part" || fail unwritable "$make_from/$make_part cannot be made" "check that its file system is neither read-only nor full"
		if [ -L "./$make_part" ] || ! cd -P "./$make_part" || [ "$(pwd -P)" != "$make_from/$make_part" ]; then
			fail symlink "$make_from/$make_part is a symbolic link or no directory: nothing is written through it" "remove it, then run \`pulumi up\` again"
		fi
	done
}

# make_folder FROM NAME: makes a folder in the one that we are in, which is at FROM.
make_folder() {
	if [ "$1" = "$jail" ]; then mkdir -m "$(top_mode "$2")" "./$2"; else mkdir "./$2"; fi
}
