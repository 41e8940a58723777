# read.sh ($jail $records $node): reads what is at the node's path.
# uses: jail.sh mounts.sh walk.sh

open_jail_if_there || return 0

name=${node##*/}
if ! go_to_parent "$node" || { [ ! -e "./$name" ] && [ ! -L "./$name" ]; }; then
	answer node missing
elif [ -L "./$name" ]; then
	answer node "a symbolic link"
elif [ -c "./$name" ] || [ -b "./$name" ]; then
	type=b
	[ ! -c "./$name" ] || type=c
	# stat prints the numbers in hexadecimal, and the mode without leading zeros.
	stat -c "%t$tab%T$tab%a$tab%U$tab%u$tab%G$tab%g" "./$name" | while IFS=$tab read -r major minor mode user uid group gid; do
		answer node "$type" "$((0x$major))" "$((0x$minor))" "$(printf '%04d' "$mode")" "$user" "$uid" "$group" "$gid"
	done
	if has_option . nodev; then answer nodev yes; fi
elif [ -d "./$name" ]; then
	answer node "a folder"
elif [ -f "./$name" ]; then
	answer node "a regular file"
else
	answer node "a socket or FIFO"
fi
