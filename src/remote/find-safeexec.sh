# The safeexec that a step is to use.

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

# changed_by PATH: who besides root can change what is there, a file or a folder, or a folder on the way to it, which has no link: lines
# `WHO PATH`. WHO is `everybody`, `sticky` (everybody, of what is in that folder only what is his), `group`, or `owner`.
changed_by() {
	way=$1
	while :; do
		case $(stat -c '%u %g %A' "$way") in
		'0 '*' d'*w[tT]) printf 'sticky %s\n' "$way" ;;
		'0 '*????????w?) printf 'everybody %s\n' "$way" ;;
		'0 0 '*) ;;
		'0 '*?????w????) printf 'group %s\n' "$way" ;;
		'0 '*) ;;
		*) printf 'owner %s\n' "$way" ;;
		esac
		[ "$way" != / ] || break
		way=$(dirname "$way")
	done
}
