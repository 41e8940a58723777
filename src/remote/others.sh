# Keep unmanaged files in a directory that an install replaces (a namespace of packages, the cache of compiled files).
# uses: listing.sh manifest-part.sh staging.sh walk.sh

# carry_unmanaged FROM TO PLACE: links everything from FROM into TO that is unmanaged and not in TO. FROM keeps its
# files: each one gets a second name. All three paths are relative to the jail. PLACE: the path where the content of
# FROM is, or was.
carry_unmanaged() {
	carry_from=$1 carry_to=$2 carry_place=$3
	go_in_jail "$1" || return 0
	with_other_levels <"$lists/owned" >"$lists/ours"
	find -P . -xdev ! -type d ! -path "*$line_break*" | sed 's|^\./||' |
		PLACE=$carry_place awk 'pass == 1 { ours[$0]; next } !((ENVIRON["PLACE"] "/" $0) in ours)' pass=1 "$lists/ours" pass=2 - | LC_ALL=C sort >"$lists/unmanaged"
	carry_directory=
	set --
	while IFS= read -r other; do
		case $other in
		*/*) other_directory=/${other%/*} ;;
		*) other_directory= ;;
		esac
		# Link in batches of 500 to stay under ARG_MAX, and because shells append to long lists slowly.
		if [ "$other_directory" != "$carry_directory" ] || [ $# -ge 500 ]; then
			carry_names "$@"
			set --
			carry_directory=$other_directory
		fi
		set -- "$@" "${other##*/}"
	done <"$lists/unmanaged"
	carry_names "$@"
	# Empty directories, and names with a line break, which no list can hold: link these as find reports them.
	go_in_jail "$carry_from"
	find -P . -xdev -type d ! -path "*$line_break*" | sed 's|^\./||' |
		PLACE=$carry_place awk 'pass == 1 { ours[$0]; next } $0 != "." && !((ENVIRON["PLACE"] "/" $0) in ours)' pass=1 "$lists/ours" pass=2 - >"$lists/unmanaged"
	to_jail
	while IFS= read -r other; do
		[ -d "./$carry_to/$other" ] || (make_directories "$carry_to/$other")
	done <"$lists/unmanaged"
	go_in_jail "$carry_to"
	exec 7<.
	go_in_jail "$carry_from"
	# shellcheck disable=SC2016 # expanded by the shell within
	find -P . -xdev -name "*$line_break*" -prune -exec sh -c '
		for other; do
			if [ ! -e "/proc/self/fd/7/$other" ] && [ ! -L "/proc/self/fd/7/$other" ]; then cp -R -P -p -l -- "$other" "/proc/self/fd/7/$other" || exit 1; fi
		done' sh {} + || fail copy "files of others in $carry_from could not be kept" "see the last lines; nothing in use was changed"
	exec 7<&-
	rm -f "$lists/unmanaged" "$lists/ours"
	to_jail
}

# carry_names NAME...: links names of $carry_directory.
carry_names() {
	if [ $# = 0 ] || ! go_in_jail "$carry_from$carry_directory"; then return 0; fi
	exec 7<.
	to_jail
	make_directories "$carry_to$carry_directory"
	carry_count=$#
	for other_name; do
		[ -e "./$other_name" ] || [ -L "./$other_name" ] || set -- "$@" "/proc/self/fd/7/$other_name"
	done
	shift "$carry_count"
	if [ $# -gt 0 ] && ! unless_gone ln -- "$@" ./; then
		fail copy "files of others in $carry_from$carry_directory could not be kept" "see the last lines; nothing in use was changed"
	fi
	exec 7<&-
}

# recover_unmanaged OLD PLACE: puts unmanaged files of PLACE back that an interrupted operation of ours left in the
# staging directory at OLD.
recover_unmanaged() {
	if ! open_left_staging; then return 0; fi
	if ! (cd -P /proc/self/fd/7/ && go_to "$1"); then
		exec 7<&-
		return 0
	fi
	make_directories "${2%/*}"
	take_name=${2##*/}
	if [ -e "./$take_name" ] || [ -L "./$take_name" ]; then
		exec 7<&-
		if [ ! -L "./$take_name" ]; then carry_unmanaged "$staging_name/$1" "$2" "$2"; fi
	else
		mv -T -- "/proc/self/fd/7/$1" "./$take_name"
		exec 7<&-
	fi
	to_jail
}
