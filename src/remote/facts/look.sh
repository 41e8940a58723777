# look.sh ($jail $cache): what the host is, and what room there is where jail and cache lie, or will. What cannot be told
# is empty.
# uses: disk.sh records.sh

# The architecture of its programs: a 64-bit kernel runs 32-bit systems too.
architecture() {
	case "$(uname -m) $(getconf LONG_BIT 2>/dev/null || :)" in
	'x86_64 32') printf i686 ;;
	'aarch64 32') printf armv7l ;;
	*) uname -m ;;
	esac
}

libc() {
	if getconf GNU_LIBC_VERSION 2>/dev/null; then return 0; fi
	for loader in /lib/ld-musl-*; do
		# Asked for nothing, it tells its name and version, and fails.
		if [ -x "$loader" ]; then { "$loader" 2>&1 || :; } | awk 'NR == 1 { name = $1 } $1 == "Version" { print name, $2 }'; fi
	done
}

answer architecture "$(one_line "$(architecture)")"
answer distribution "$(os_release ID)" "$(os_release VERSION_ID)" "$(os_release PRETTY_NAME)"
answer libc "$(one_line "$(libc)")"
answer cores "$(getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo)"
answer memory "$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)"
answer sudo "$(one_line "${SUDO_USER:-}")"
for path in "$jail" "$cache"; do answer disk "$path" "$(free_mb "$(nearest_folder "$path")")"; done
