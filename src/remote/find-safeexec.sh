# The safeexec that a step is to use.

# find_safeexec PATH: leaves $safeexec, the program at a path, or without one what the host has; empty where it has none.
find_safeexec() {
	safeexec=$1
	if [ -z "$safeexec" ]; then
		safeexec=$(command -v safeexec || :)
	elif [ ! -f "$safeexec" ] || [ ! -x "$safeexec" ]; then
		fail no-safeexec "there is no program at $safeexec" "install safeexec there, or correct \`safeexec\`"
	fi
}

# It is run as root: nobody else may be able to change it.
only_root_changes() {
	[ "$(stat -L -c %u "$1")" = 0 ] && [ -z "$(find -L "$1" -prune -perm -0002)" ] && [ -z "$(find -L "$1" -prune -perm -0020 ! -group 0)" ]
}
