# Read what JailReleases keeps in a directory ($jail): `releases/ID`, each a complete jail with records of its own, and
# the symlink `current` to one of them. $records/history has the ids of the releases that were current, the newest last.
# The records of a release in the history have a file `kept`: then deleting its resources does not remove their files,
# even after another release has replaced it.
# uses: walk.sh

# open_releases: enters the directory of the releases, and sets $jails to the directory of all jails' records, beside
# ours. Returns 1 if there are no releases.
open_releases() {
	jails=${records%/*/*}/jails
	releases_status=0
	go_to "$jail/releases" || releases_status=$?
	if [ "$releases_status" = 2 ]; then fail symlink "$refused_component is a symbolic link or no directory" "give the folder's real path as \`path\`"; fi
	return "$releases_status"
}

# records_of ID: prints the path of a release's records.
records_of() {
	printf '%s/%s-%s' "$jails" "$1" "$(printf '%s' "$jail/releases/$1" | sha256sum | cut -c 1-12)"
}

# Prints the id of the release that `current` leads to, `none`, or `other`.
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

# Succeeds if a program runs in a release.
in_use() {
	use_there=$(stat -c '%d:%i' "$jail/releases/$1")
	for use_root in /proc/[0-9]*/root; do
		if [ "$(stat -L -c '%d:%i' "$use_root" 2>/dev/null)" = "$use_there" ]; then return 0; fi
	done
	return 1
}

# answer_release WORD ID: answers a release with the id of its jail, which its removal needs.
answer_release() {
	answer "$1" "$2" "$(cat "$(records_of "$2")/id" 2>/dev/null || :)"
}
