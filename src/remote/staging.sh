# The staging directory, and renaming from it into the jail.
# uses: refuse-mounted.sh remove-trees.sh walk.sh

# hold_folder: makes a fresh folder in the jail, root's and closed, and holds it by descriptor 8. $held leads to it from then
# on, whatever the jail's own user makes of its name. All that gets into the jail is made in there, and renamed by `put`.
#
# What an install has moved away for the moment, and others put there, is in its folder: it has a name of its own, which only it
# removes ($swap, named before anything else is done).
held=/proc/self/fd/8
swap=.python3jail.swap
hold_folder() {
	to_jail
	if [ -e "./$swap" ] || [ -L "./$swap" ]; then remove_trees -name "$swap"; fi
	mkdir -m 0700 "./$swap"
	go_in_jail "$swap"
	is_private . || fail changed "$swap in the jail was exchanged while we made it" "find out who else works in the jail, then run the same command again"
	exec 8<.
	to_jail
}

# hold_left_swap: holds by descriptor 7 what an operation of ours that was cut off has left in the swap folder; 1: there is none.
hold_left_swap() {
	to_jail
	if [ ! -d "./$swap" ] || [ -L "./$swap" ]; then return 1; fi
	exec 7<"./$swap"
	# By what we hold, not by its name.
	if [ "$(readlink /proc/self/fd/7)" = "$jail/$swap" ] && is_private /proc/self/fd/7/; then return 0; fi
	exec 7<&-
	return 1
}

drop_folder() {
	exec 8<&-
	to_jail
	# Empty, as a rule.
	rmdir "./$swap" 2>/dev/null || remove_trees -name "$swap"
}

# put SOURCE NAME: renames a thing into the folder that we are in, over what has that name; never into a folder of that
# name, nor through a link.
put() {
	refuse_mounted_here "$2"
	if mv -f -T -- "$1" "./$2" 2>/dev/null; then return 0; fi
	# Busybox takes a link to a directory for one.
	if [ -L "./$2" ]; then rm -f "./$2"; fi
	if [ -d "./$2" ] && [ ! -d "$1" ]; then fail in-the-way "$(pwd -P)/$2 is a directory" "see what is in it and remove it, then run \`pulumi up\` again"; fi
	mv -f -T -- "$1" "./$2"
}
