# Check what a build needs of the host.

has_header() {
	if have cc; then
		printf '#include <%s>\n' "$1" | cc -E -x c - >/dev/null 2>&1
		return
	fi
	# Without a compiler, search where every compiler does, so that one answer names everything that is missing.
	for include in /usr/include /usr/include/*-linux-gnu* /usr/local/include; do
		[ ! -e "$include/$1" ] || return 0
	done
	return 1
}

# answer_needs ["command NAME" | "header NAME"]...: answers the distribution and everything of these that the host
# lacks.
answer_needs() {
	answer distribution "$(os_release ID)" "$(os_release ID_LIKE)"
	for need; do
		need_name=${need#* }
		case $need in
		command*) have "$need_name" || answer lacks "$need" ;;
		header*) has_header "$need_name" || answer lacks "$need" ;;
		esac
	done
}
