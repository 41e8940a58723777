# remove.sh ($jail $records $node): removes the path if it is a device node.
# uses: confine.sh jail.sh refuse-mounted.sh walk.sh

open_jail_if_there || return 0
still_mine || return 0
change_jail
printf '%s\n' "$node" | refuse_mounted
name=${node##*/}
go_to_parent "$node" || return 0
if [ -L "./$name" ]; then
	warn "$node is a symbolic link now, not our node: left alone"
elif [ -c "./$name" ] || [ -b "./$name" ]; then
	rm -f "./$name"
elif [ -e "./$name" ]; then
	warn "$node is no device node any more: left alone"
fi
