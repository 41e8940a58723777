# Look up accounts of the host. Names from a directory service have many forms (`judge@ad.example.org`, `CORP\judge`,
# `domain users`), and tools misread some of them. So the steps work with numbers.

# account_number NAME passwd|group: prints the number of a user or group, as the host resolves it. A number is printed
# as it is. Returns 1 if the host does not know the name.
account_number() {
	case $1 in
	'' | [-+]*) return 1 ;;
	*[!0-9]*) ;;
	*) printf '%s' "$1" && return 0 ;;
	esac
	if have getent; then
		account_found=$(getent "$2" "$1") || return 1
	else
		account_found=$(NAME=$1 awk -F : '$1 == ENVIRON["NAME"]' "/etc/$2")
	fi
	account_found=$(printf '%s\n' "$account_found" | awk -F : 'NR == 1 && $3 ~ /^[0-9]+$/ { print $3 }')
	printf '%s' "$account_found"
	[ -n "$account_found" ]
}
