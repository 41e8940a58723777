# remove.sh JAIL RECORDS: gives every path that is still there the owner and mode that it had before ours.
jail=$1 records=$2

open_jail_if_there || return 0
still_mine || return 0
change_jail
[ -f "$records/permissions.before" ] || return 0
while IFS= read -r line; do
	path=$(printf '%s\n' "$line" | cut -d ' ' -f 8-)
	if [ -e "./$path" ] || [ -L "./$path" ]; then printf '%s\n' "$line"; fi
done <"$records/permissions.before" |
	# No file gets a setuid or setgid bit back: its content may be another by now.
	sed 's/^[0-7]\([0-7]* [0-9]* [0-9]* f \)/0\1/' >"$records/permissions.changes"
apply_changes "$records/permissions.changes"
rm -f "$records/permissions.before" "$records/permissions.changes"
