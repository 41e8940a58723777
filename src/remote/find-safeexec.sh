# The safeexec that a step is to use.
# uses: records.sh

# find_safeexec PATH: leaves $safeexec, the real path of the program at a path, or without one what the host has; empty where it has none.
find_safeexec() {
	safeexec=$1
	if [ -z "$safeexec" ]; then
		safeexec=$(command -v safeexec || :)
	elif [ ! -f "$safeexec" ] || [ ! -x "$safeexec" ]; then
		fail no-safeexec "there is no program at $safeexec" "install safeexec there, or correct \`safeexec\`"
	fi
	# Where it lies: whoever can exchange a link on the way is not asked again.
	if [ -n "$safeexec" ]; then safeexec=$(readlink -f "$safeexec"); fi
}

# only_root_changes PROGRAM: whether nobody but root can change it, which is run as root, or put another in its place. Leaves in
# $changeable what, of it and of the folders on the way to it, somebody else can change.
only_root_changes() {
	# What is root's in a folder with the sticky bit is nobody else's to exchange.
	changeable=$(changed_by "$1" | sed -n '/^sticky /!s/^[a-z]* //p' | head -n 1)
	[ -z "$changeable" ]
}
