# Enter and make directories, following no symlink.
# uses: refuse-mounted.sh

# go_to PATH: enters a directory, one component at a time, following no symlink. Nobody who may write to a parent can
# lead us elsewhere, because the shell keeps a directory that it has entered, whatever its path becomes. Returns 1 if a
# component does not exist, 2 if one is a symlink or not a directory ($refused_component is its path).
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

# Enters the jail's directory. Nobody who may write to its parent can lead us elsewhere.
to_jail() {
	if ! cd -P "$jail" 2>/dev/null || [ "$(pwd -P)" != "$jail" ]; then
		fail gone "the jail went away while we worked in it" "run the same command again"
	fi
}

# Enters a directory of the jail like go_to. The path is relative to the jail. Ends the step if a component is a
# symlink.
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

# go_to_parent PATH: enters the directory of the jail that holds a path. Returns like go_in_jail.
go_to_parent() {
	case $1 in
	*/*) go_in_jail "${1%/*}" ;;
	*) go_in_jail . ;;
	esac
}

# top_mode NAME: prints the mode that JailPermissions gives a directory at the jail's top if none is declared. New
# directories get it at once, as there may be no JailPermissions.
top_mode() {
	case $1 in
	bin | static) echo 0755 ;;
	scratch) echo 0770 ;;
	*) echo 0751 ;;
	esac
}

# Makes and enters the directories of a path relative to the current directory, one by one.
make_directories() {
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
		[ -e "./$make_part" ] || [ -L "./$make_part" ] || make_directory "$make_from" "$make_part" || fail unwritable "$make_from/$make_part cannot be made" "check that its file system is neither read-only nor full"
		if [ -L "./$make_part" ] || ! cd -P "./$make_part" || [ "$(pwd -P)" != "$make_from/$make_part" ]; then
			fail symlink "$make_from/$make_part is a symbolic link or no directory: nothing is written through it" "remove it, then run \`pulumi up\` again"
		fi
	done
}

# make_directory FROM NAME: makes a directory in the current one, whose path is FROM.
make_directory() {
	if [ "$1" = "$jail" ]; then mkdir -m "$(top_mode "$2")" "./$2"; else mkdir "./$2"; fi
}
