# What others have in a directory that an install exchanges (a namespace of packages, the cache of compiled files) goes on in the new one.
# uses: listing.sh manifest-part.sh staging.sh walk.sh

# carry_others FROM TO PLACE: gives TO all that FROM has and that is neither ours nor in TO. A file gets a second name: FROM keeps it, too.
# All three are relative to the jail. PLACE: the path of which FROM is, or was, the content.
carry_others() {
	carry_from=$1 carry_to=$2 carry_place=$3
	go_in_jail "$1" || return 0
	with_other_levels <"$lists/owned" >"$lists/ours"
	find -P . -xdev ! -type d ! -path "*$line_break*" | sed 's|^\./||' |
		PLACE=$carry_place awk 'pass == 1 { ours[$0]; next } !((ENVIRON["PLACE"] "/" $0) in ours)' pass=1 "$lists/ours" pass=2 - | LC_ALL=C sort >"$lists/others"
	carry_folder=
	set --
	while IFS= read -r other; do
		case $other in
		*/*) other_folder=/${other%/*} ;;
		*) other_folder= ;;
		esac
		# No more at once than one command takes, and than a shell adds to quickly.
		if [ "$other_folder" != "$carry_folder" ] || [ $# -ge 500 ]; then
			carry_names "$@"
			set --
			carry_folder=$other_folder
		fi
		set -- "$@" "${other##*/}"
	done <"$lists/others"
	carry_names "$@"
	# Directories in which nothing is, and names with a line break, which no list can hold: they get second names as they are found.
	go_in_jail "$carry_from"
	find -P . -xdev -type d ! -path "*$line_break*" | sed 's|^\./||' |
		PLACE=$carry_place awk 'pass == 1 { ours[$0]; next } $0 != "." && !((ENVIRON["PLACE"] "/" $0) in ours)' pass=1 "$lists/ours" pass=2 - >"$lists/others"
	to_jail
	while IFS= read -r other; do
		[ -d "./$carry_to/$other" ] || (make_folders "$carry_to/$other")
	done <"$lists/others"
	go_in_jail "$carry_to"
	exec 7<.
	go_in_jail "$carry_from"
	# shellcheck disable=SC2016 # expanded by the shell within
	find -P . -xdev -name "*$line_break*" -prune -exec sh -c '
		for other; do
			if [ ! -e "/proc/self/fd/7/$other" ] && [ ! -L "/proc/self/fd/7/$other" ]; then cp -R -P -p -l -- "$other" "/proc/self/fd/7/$other" || exit 1; fi
		done' sh {} + || fail copy "files of others in $carry_from could not be kept" "see the last lines; nothing in use was changed"
	exec 7<&-
	rm -f "$lists/others" "$lists/ours"
	to_jail
}

# carry_names NAME...: of $carry_folder.
carry_names() {
	if [ $# = 0 ] || ! go_in_jail "$carry_from$carry_folder"; then return 0; fi
	exec 7<.
	to_jail
	make_folders "$carry_to$carry_folder"
	carry_count=$#
	for other_name; do
		[ -e "./$other_name" ] || [ -L "./$other_name" ] || set -- "$@" "/proc/self/fd/7/$other_name"
	done
	shift "$carry_count"
	if [ $# -gt 0 ] && ! unless_gone ln -- "$@" ./; then
		fail copy "files of others in $carry_from$carry_folder could not be kept" "see the last lines; nothing in use was changed"
	fi
	exec 7<&-
}

# take_back OLD PLACE: an operation of ours that was cut off may have left in the swap directory what others have in PLACE.
take_back() {
	if ! hold_left_swap; then return 0; fi
	if ! (cd -P /proc/self/fd/7/ && go_to "$1"); then
		exec 7<&-
		return 0
	fi
	make_folders "${2%/*}"
	take_name=${2##*/}
	if [ -e "./$take_name" ] || [ -L "./$take_name" ]; then
		exec 7<&-
		if [ ! -L "./$take_name" ]; then carry_others "$swap/$1" "$2" "$2"; fi
	else
		mv -T -- "/proc/self/fd/7/$1" "./$take_name"
		exec 7<&-
	fi
	to_jail
}
