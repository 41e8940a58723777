# remove.sh JAIL RECORDS: gives every path that is still there the owner and mode that it had before ours.
jail=$1 records=$2

jail_kind
case $jail_is in
none) return 0 ;;
*) open_jail ;;
esac
lock_jail
[ -f "$records/permissions.before" ] || return 0
while read -r line; do
	path=$(printf '%s\n' "$line" | cut -d ' ' -f 8-)
	if [ -e "./$path" ] || [ -L "./$path" ]; then printf '%s\n' "$line"; fi
done <"$records/permissions.before" >"$records/permissions.changes"
apply_changes "$records/permissions.changes"
rm -f "$records/permissions.before" "$records/permissions.changes"
