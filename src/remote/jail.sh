# Open the directory at $jail and tell what it is.
# uses: walk.sh

marker=REM_this_is_jail
id_file=.python3jail

# Sets $jail_is to what the directory at $jail is: `none`, `ours`, `marked` (a jail made by hand), `lost` (ours by its
# record, but its marker or id is gone), `empty` or `foreign`. Enters the directory if it exists.
jail_kind() {
	kind_status=0
	go_to "$jail" || kind_status=$?
	if [ "$kind_status" = 1 ]; then
		jail_is=none
	elif [ "$kind_status" = 2 ]; then
		fail symlink "$refused_component is a symbolic link or no directory" "give the jail's real path as \`path\`"
	else
		kind_id=
		if [ -f "$records/id" ]; then IFS= read -r kind_id <"$records/id" || :; fi
		if [ -n "$kind_id" ] && is_file "$id_file" && [ "$(head -c 64 "$id_file")" = "$kind_id" ] && is_file "$marker"; then
			jail_is=ours
		elif [ -n "$kind_id" ] && [ "$(cat "$records/inode" 2>/dev/null || :)" = "$(stat -c '%d:%i' .)" ]; then
			jail_is=lost
		elif is_file "$marker"; then
			jail_is=marked
		elif [ -z "$(ls -A .)" ]; then
			jail_is=empty
		else
			jail_is=foreign
		fi
	fi
}

# Opens a jail of ours, or ends the step. Every step except JailRoot's begins with this function or the next one.
open_jail() {
	jail_kind
	refuse_others
}

# Opens a jail of ours like open_jail, for a step that has nothing to do without a jail: answers `jail none` and returns
# 1 if there is none. If a jail is there without records, they may have been deleted: JailRoot makes them anew
# (lifecycle.ts).
open_jail_if_there() {
	jail_kind
	if [ "$jail_is" = none ]; then
		answer jail none
		return 1
	fi
	case $jail_is in
	marked | empty) [ -s "$records/id" ] || fail unrecorded "the host has no records of the jail at $jail" "run \`pulumi up --refresh\`: it makes them anew" ;;
	esac
	refuse_others
}

refuse_others() {
	case $jail_is in
	ours | lost) ;;
	none) fail gone "there is no jail at $jail" "run \`pulumi up --refresh\`: it makes the jail anew" ;;
	*) fail not-a-jail "$jail is not a jail that was made here" "see what is in it; JailRoot must come first" ;;
	esac
}

# Succeeds if this jail still belongs to the resource that asks. Fails if the jail is kept as a release, although
# another one has replaced it. Fails too if the jail belongs to another host name: after a host was renamed, the jail
# belongs to the new name, and removing the old name must not touch it.
still_mine() {
	if [ -f "$records/kept" ]; then return 1; fi
	if [ ! -s "$records/host" ] || [ "$(cat "$records/host")" = "$logical_host" ]; then return 0; fi
	warn "$jail belongs to $(one_line "$(cat "$records/host")") now: left alone"
	return 1
}
