# Find the safeexec that a step uses.
# uses: records.sh

# find_safeexec PATH: sets $safeexec to the real path of the program at PATH, or, if PATH is empty, of the host's
# safeexec. Sets it to an empty string if the host has none.
find_safeexec() {
	safeexec=$1
	if [ -z "$safeexec" ]; then
		safeexec=$(command -v safeexec || :)
	elif [ ! -f "$safeexec" ] || [ ! -x "$safeexec" ]; then
		fail no-safeexec "there is no program at $safeexec" "install safeexec there, or correct \`safeexec\`"
	fi
	# Resolve symlinks once, so that nobody who can replace one of them is trusted again later.
	if [ -n "$safeexec" ]; then safeexec=$(readlink -f "$safeexec"); fi
}

# only_root_changes PROGRAM: succeeds if only root can change or replace the program, which is run as root. Sets
# $changeable to the first path (the program or a parent directory) that somebody else can change.
only_root_changes() {
	# Others cannot rename files of root in a directory with the sticky bit.
	changeable=$(changed_by "$1" | sed -n '/^sticky /!s/^[a-z]* //p' | head -n 1)
	[ -z "$changeable" ]
}
