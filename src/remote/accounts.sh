# Accounts of the host. Names in a directory service have many forms (`judge@ad.example.org`, `CORP\judge`, `domain users`), and tools read
# some of them as something else: the steps work with numbers.

# account_number NAME passwd|group: the number of a user or group, as the host looks it up; 1: it knows none. A number is its own.
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
