# Make the staging directory, and rename files from it into the jail.
# uses: refuse-mounted.sh remove-trees.sh walk.sh

# make_staging: makes a new staging directory in the jail, which belongs to root and is closed to all others, and opens
# it as descriptor 8. $staging leads to it from then on, even if the jail's own user renames it. Every file of the jail
# is prepared in it, and renamed by `put`.
#
# An install moves files away for a moment, and with them unmanaged files. It uses a staging directory with a name of
# its own (it sets $staging_name before anything else), so that no other step removes them.
staging=/proc/self/fd/8
staging_name=.python3jail.swap
make_staging() {
	to_jail
	if [ -e "./$staging_name" ] || [ -L "./$staging_name" ]; then remove_trees -name "$staging_name"; fi
	mkdir -m 0700 "./$staging_name"
	go_in_jail "$staging_name"
	is_private . || fail changed "$staging_name in the jail was exchanged while we made it" "find out who else works in the jail, then run the same command again"
	exec 8<.
	to_jail
}

# open_left_staging: opens as descriptor 7 the staging directory that an interrupted operation of ours has left. Returns
# 1 if there is none.
open_left_staging() {
	to_jail
	if [ ! -d "./$staging_name" ] || [ -L "./$staging_name" ]; then return 1; fi
	exec 7<"./$staging_name"
	# Check the directory that is open, not the one that has its name now.
	if [ "$(readlink /proc/self/fd/7)" = "$jail/$staging_name" ] && is_private /proc/self/fd/7/; then return 0; fi
	exec 7<&-
	return 1
}

remove_staging() {
	exec 8<&-
	to_jail
	# Usually it is empty.
	rmdir "./$staging_name" 2>/dev/null || remove_trees -name "$staging_name"
}

# put SOURCE NAME: renames SOURCE into the current directory, replacing what has that name. Never moves it into a
# directory of that name, nor through a symlink.
put() {
	refuse_mounted_here "$2"
	if mv -f -T -- "$1" "./$2" 2>/dev/null; then return 0; fi
	# Busybox treats a symlink to a directory as the directory.
	if [ -L "./$2" ]; then rm -f "./$2"; fi
	if [ -d "./$2" ] && [ ! -d "$1" ]; then fail in-the-way "$(pwd -P)/$2 is a directory" "see what is in it and remove it, then run \`pulumi up\` again"; fi
	mv -f -T -- "$1" "./$2"
}
