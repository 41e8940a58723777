# remove.sh ($jail $records): removes the symlink and the directories, once no release is left.
# uses: jail-releases/releases.sh jail.sh made-directories.sh walk.sh

still_mine || return 0
status=0
go_to "$jail" || status=$?
if [ "$status" = 2 ]; then fail symlink "$refused_component is a symbolic link or no directory" "give the folder's real path as \`path\`"; fi
if [ "$status" = 0 ]; then
	if [ -L ./current ] && [ "$(current_release)" != other ]; then rm -f ./current; fi
	rm -f ./.python3jail.current
	if [ -d ./releases ] && ! rmdir ./releases; then
		fail not-empty "$jail/releases holds what was not made here" "save it, and remove it"
	fi
	remove_made_directories "$jail"
fi
rm -rf "$records"
kept=${records%/*}
rmdir "$kept" "${kept%/*}" 2>/dev/null || :
