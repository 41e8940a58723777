# remove.sh ($jail $records $node): removes the node, only if it is one.
# uses: confine.sh jail.sh refuse-mounted.sh walk.sh

open_jail_if_there || return 0
still_mine || return 0
change_jail
printf '%s\n' "$node" | refuse_mounted
case $node in
*/*) folder=${node%/*} ;;
*) folder=. ;;
esac
name=${node##*/}
go_in_jail "$folder" || return 0
if [ -L "./$name" ]; then
	warn "$node is a symbolic link now, not our node: left alone"
elif [ -c "./$name" ] || [ -b "./$name" ]; then
	rm -f "./$name"
elif [ -e "./$name" ]; then
	warn "$node is no device node any more: left alone"
fi
