# apply.sh ($jail $records $id $owner $group $url $commit "$@"): makes the jail's directories and files, or repairs
# them.
# uses: accounts.sh apply.sh confine.sh jail-root/git.sh jail.sh made-directories.sh mounts.sh records.sh staging.sh walk.sh

# Check everything that could be refused before anything is written.
jail_kind
case $jail_is in
foreign) fail foreign "$jail is not empty and is no jail (it has no $marker)" "give an empty or new folder as \`path\`; nothing there was changed" ;;
esac
# The jail's libraries are copies of the host's glibc. They come last, after the build: that would be too late to refuse
# musl.
if ! getconf GNU_LIBC_VERSION >/dev/null 2>&1 && ls /lib/ld-musl-* >/dev/null 2>&1; then
	fail musl "the host's libc is musl, and a jail's libraries are the host's glibc" "take a host with glibc (Debian, Ubuntu, Fedora, RHEL, SUSE kinds)"
fi
parent=$jail
[ "$jail_is" = none ] || parent=$(dirname "$jail")
while [ ! -d "$parent" ]; do parent=$(dirname "$parent"); done
case $(stat -c '%A' "$parent") in
????????w[!tT]) fail unsafe-parent "$parent can be written by everybody" "take the right away (\`chmod o-w\`), or give another \`path\`" ;;
esac
outer=${jail%/*}
while [ -n "$outer" ]; do
	if [ -f "$outer/$marker" ] && [ -f "$outer/$id_file" ]; then fail nested "$jail is inside another jail, $outer" "give another \`path\`, or destroy that jail first"; fi
	outer=${outer%/*}
done
owner_id=$(account_number "$owner" passwd) || fail no-account "there is no user $owner on the host" "create it, or correct \`owner\`"
group_id=$(account_number "$group" group) || fail no-account "there is no group $group on the host" "create it, or correct \`group\`"
place=$jail
[ "$jail_is" != none ] || place=$parent
if has_option "$place" nodev; then
	fail nodev "$jail is on a file system mounted nodev: its device nodes would be dead" "remount it without nodev, or give another \`path\`"
fi
if has_option "$place" noexec; then
	fail noexec "$jail is on a file system mounted noexec: its python could not run" "remount it without noexec, or give another \`path\`"
fi
for directory; do
	if [ "$jail_is" != none ] && { [ -L "./$directory" ] || { [ -e "./$directory" ] && [ ! -d "./$directory" ]; }; }; then
		fail in-the-way "$directory in the jail is no folder" "see what it is, and remove it"
	fi
done

# Check that the jail can be made before its records are.
if [ "$jail_is" = none ] && ! touch -c "$parent"; then
	fail unwritable "$jail cannot be made" "check that its file system is neither read-only nor full, or give another \`path\`"
fi
lock_jail
if [ ! -e "$jail" ]; then make_recorded_directories "$jail"; fi
go_to "$jail" || fail symlink "${refused_component:-$jail} is a symbolic link or no directory" "give the jail's real path as \`path\`"
changed_by "${jail%/*}" | while read -r who way; do
	[ "$who" = sticky ] || warn "others than root can change $way (its $who): they can put another directory in the place of $jail; give it to root alone (\`chown root:root\`, \`chmod go-w\`)"
done
confine

# Write the record first: after an interruption the jail is known as ours, and the next run finishes it.
printf '%s\n' "$jail" | write_record "$records/path"
printf '%s\n' "$logical_host" | write_record "$records/host"
[ -s "$records/id" ] || printf '%s\n' "$id" | write_record "$records/id"
stat -c '%d:%i' . | write_record "$records/inode"
# Make the directory for the answers to reads (readings/keep.sh), so that the first read changes nothing else here.
[ -d "$records/readings" ] || mkdir -m 0700 "$records/readings"
id=$(cat "$records/id")

for directory; do
	[ -d "./$directory" ] || mkdir -m "$(top_mode "$directory")" "./$directory"
done

if [ -n "$commit" ]; then
	checkout_jail_repository
else
	forget_jail_repository
fi

write_file() {
	make_staging
	printf '%s' "$2" >"$staging/file"
	chmod 0640 "$staging/file"
	chown "$(owner_in_jail)" "$staging/file"
	put "$staging/file" "$1"
	remove_staging
}
is_file "$marker" || write_file "$marker" ''
if ! is_file "$id_file" || [ "$(cat "./$id_file")" != "$id" ]; then
	write_file "$id_file" "$id
"
fi
[ "$(stat -c '%u:%g' .)" = "$owner_id:$group_id" ] || chown -h "$owner_id:$group_id" .
answer id "$id"
