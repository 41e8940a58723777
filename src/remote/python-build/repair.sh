# repair.sh JAIL RECORDS CACHE KEY: puts back what is missing or altered of the installed build, and nothing else. Answers
# `repaired no` where the build is not in the host's cache any more.
jail=$1 records=$2 cache=$3 key=$4

open_jail
open_installed
lock_jail
open_cache "$cache" "$key"
if [ ! -d "$build" ] || ! cmp -s "$build/manifest" "$installed/manifest"; then
	answer repaired no
	return 0
fi
observed=$(mktemp -d)
trap 'rm -rf "$observed"' EXIT
# What lies behind a link in a folder's place shows when the folder is there again: look until nothing differs.
rounds=0
while :; do
	# Sorted, a folder comes before what is in it.
	differing_paths "$observed" | sort >"$observed/differing"
	[ -s "$observed/differing" ] || break
	rounds=$((rounds + 1))
	if [ "$rounds" -gt 3 ]; then fail changed "something else writes to python in the jail" "stop it, then run \`pulumi up\` again"; fi
	hold_folder
	while read -r path what; do
		case $path in
		*/*) go_in_jail "${path%/*}" ;;
		*) go_in_jail . ;;
		esac
		name=${path##*/}
		if [ -d "$build/root/$path" ] && [ ! -L "$build/root/$path" ]; then
			rm -f "./$name"
			mkdir "./$name"
			continue
		fi
		if [ -d "./$name" ] && [ ! -L "./$name" ]; then
			fail not-a-file "$path is a folder now" "see what is in it, and remove it"
		fi
		if ! cp -P -p "$build/root/$path" "$held/file"; then
			drop_folder
			fail copy "$path could not be put back" "is the jail's disk full?"
		fi
		put "$held/file" "$name"
	done <"$observed/differing"
	drop_folder
done
index_installed
answer repaired yes
