# read.sh: reads what the host is. An unknown value is empty.

# Prints the architecture of the host's programs, as a 64-bit kernel may run a 32-bit system.
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
		# Without arguments it prints its name and version, and fails.
		if [ -x "$loader" ]; then { "$loader" 2>&1 || :; } | awk 'NR == 1 { name = $1 } $1 == "Version" { print name, $2 }'; fi
	done
}

answer architecture "$(one_line "$(architecture)")"
answer distribution "$(os_release ID)" "$(os_release VERSION_ID)" "$(os_release PRETTY_NAME)"
answer libc "$(one_line "$(libc)")"
answer cores "$(getconf _NPROCESSORS_ONLN 2>/dev/null || grep -c '^processor' /proc/cpuinfo)"
answer memory "$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)"
answer sudo "$(one_line "${SUDO_USER:-}")"
