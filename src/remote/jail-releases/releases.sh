# What JailReleases keeps in a folder ($jail): `releases/ID`, each a whole jail with records of its own, and the link `current`
# to one of them. $records/history has the ids that were made current, the newest last. A release that is in it has a file `kept`
# among its own records: what it is made of is then not taken out of it, though another release has taken its place.
# uses: walk.sh

# open_releases: 1: there is nothing there. $jails is the folder of all jails' records, beside that of ours.
open_releases() {
	jails=${records%/*/*}/jails
	releases_status=0
	go_to "$jail/releases" || releases_status=$?
	if [ "$releases_status" = 2 ]; then fail symlink "$refused_component is a symbolic link or no directory" "give the folder's real path as \`path\`"; fi
	return "$releases_status"
}

# records_of ID
records_of() {
	printf '%s/%s-%s' "$jails" "$1" "$(printf '%s' "$jail/releases/$1" | sha256sum | cut -c 1-12)"
}

# Where the link leads: an id, `none`, or `other`.
current_release() {
	if [ -L "$jail/current" ]; then
		case $(readlink "$jail/current") in
		releases/*/* | releases/.*) echo other ;;
		releases/?*) readlink "$jail/current" | cut -d / -f 2 ;;
		*) echo other ;;
		esac
	elif [ -e "$jail/current" ]; then
		echo other
	else
		echo none
	fi
}

# Whether a program runs in a release.
in_use() {
	use_there=$(stat -c '%d:%i' "$jail/releases/$1")
	for use_root in /proc/[0-9]*/root; do
		if [ "$(stat -L -c '%d:%i' "$use_root" 2>/dev/null)" = "$use_there" ]; then return 0; fi
	done
	return 1
}

# answer_release WORD ID: with the id of the jail that it is, as its removal wants it.
answer_release() {
	answer "$1" "$2" "$(cat "$(records_of "$2")/id" 2>/dev/null || :)"
}
