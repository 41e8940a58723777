# apply.sh ($jail $records $node $type $major $minor $mode $owner $group): makes the device node in the staging
# directory and renames it into place.
# uses: accounts.sh confine.sh jail.sh mounts.sh refuse-mounted.sh staging.sh walk.sh

open_jail
if ! owner_id=$(account_number "$owner" passwd) || ! group_id=$(account_number "$group" group); then
	fail no-account "there is no user $owner or group $group on the host" "create it, or correct \`owner\` and \`group\`"
fi
change_jail
printf '%s\n' "$node" | refuse_mounted
name=${node##*/}
if ! go_to_parent "$node"; then
	fail gone "there is no folder ${node%/*} in the jail" "run \`pulumi up --refresh\`: JailRoot makes the jail's folders"
fi
if has_option . nodev; then
	fail nodev "the jail's file system is mounted nodev: a device node there is dead" "remount it without nodev, or put the jail on another file system"
fi
if [ -d "./$name" ] && [ ! -L "./$name" ]; then
	fail in-the-way "$node is a folder" "see what is in it, and remove it"
fi

make_staging
if ! mknod -m 0600 "$staging/node" "$type" "$major" "$minor"; then
	remove_staging
	fail mknod "the kernel refused to make the node" "device nodes cannot be made in user namespaces and unprivileged containers: make the jail on the real host"
fi
chown -h "$owner_id:$group_id" "$staging/node"
chmod "$mode" "$staging/node"
go_to_parent "$node"
put "$staging/node" "$name"
remove_staging
