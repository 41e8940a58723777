# preflight.sh JAIL RECORDS CACHE CACHE_MB JAIL_MB ["command NAME" | "header NAME"]...: all that the host lacks for a build,
# in one go.
jail=$1 records=$2 cache=$3 cache_mb=$4 jail_mb=$5
shift 5

if [ -r /etc/os-release ]; then
	# shellcheck disable=SC1091
	answer distribution "$(. /etc/os-release && one_line "${ID:-}")" "$(. /etc/os-release && one_line "${ID_LIKE:-}")"
fi

existing() {
	existing_path=$1
	while [ ! -d "$existing_path" ]; do existing_path=$(dirname "$existing_path"); done
	printf '%s' "$existing_path"
}
place=$(existing "$cache")
if [ "$(free_mb "$place")" -lt "$cache_mb" ]; then answer disk "$place" "$(free_mb "$place")" "$cache_mb" build; fi
if has_option "$place" noexec; then answer noexec "$place"; fi
if [ "$(free_mb "$jail")" -lt "$jail_mb" ]; then answer disk "$jail" "$(free_mb "$jail")" "$jail_mb" jail; fi

has_header() {
	if have cc; then
		printf '#include <%s>\n' "$1" | cc -E -x c - >/dev/null 2>&1
		return
	fi
	# Without a compiler to ask: where every compiler looks, so that one answer tells all that is missing.
	for include in /usr/include /usr/include/*-linux-gnu* /usr/local/include; do
		[ ! -e "$include/$1" ] || return 0
	done
	return 1
}
for need; do
	name=${need#* }
	case $need in
	command*) have "$name" || answer lacks "$need" ;;
	header*) has_header "$name" || answer lacks "$need" ;;
	esac
done
if have curl || have wget; then answer downloader yes; fi
