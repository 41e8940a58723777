# Make our own directories outside the jail, and find out who else could change them.

# private_directory PATH: makes a directory outside the jail that belongs to root and is closed to all others, on a path
# that only root can change. Does not take over a directory that belongs to somebody else.
private_directories=$line_break
private_directory() {
	case $private_directories in
	*"$line_break${1%/*}$line_break"*) ;;
	*)
		private_parent=$(nearest_directory "$1")
		if [ "$(cd -P "$private_parent" && pwd -P)" != "$private_parent" ]; then
			fail symlink "a component of $private_parent is a symbolic link" "give the real path in \`directories\`"
		fi
		private_others=$(changed_by "$private_parent" | grep -v '^sticky ' | head -n 1)
		if [ -n "$private_others" ]; then
			fail record-directory "$1 is not safe: others than root can change ${private_others#* } (its ${private_others%% *})" "give a place in \`directories\` whose parents are all root's (\`chown root:root\`, \`chmod go-w\`)"
		fi
		;;
	esac
	if [ -e "$1" ] && [ "$(stat -c %u "$1")" != 0 ]; then
		fail record-directory "$1 exists and is not root's" "see whose it is, or give another place in \`directories\`"
	fi
	mkdir -p "$1" || fail record-directory "$1 cannot be made" "give another place in \`directories\`"
	if [ -L "$1" ]; then fail symlink "$1 is a symbolic link" "remove it, or give another place in \`directories\`"; fi
	if ! { chown 0:0 "$1" && chmod 0700 "$1"; }; then
		fail record-directory "$1 cannot be made root's own" "give another place in \`directories\`"
	fi
	private_directories=$private_directories$1$line_break
}

# changed_by PATH: prints who besides root can change PATH or a parent directory, nearest first. PATH must not contain a
# symlink. Lines `WHO PATH`. WHO is `everybody`, `sticky` (everybody, but only their own files), `group` or `owner`.
changed_by() {
	changed_path=${1%/}
	set --
	while [ -n "$changed_path" ]; do
		set -- "$@" "$changed_path"
		changed_path=${changed_path%/*}
	done
	stat -c '%u %g %A %n' -- "$@" / | awk '
		function tell(who) { path = $0; sub(/^[0-9]+ [0-9]+ [^ ]+ /, "", path); print who, path }
		$1 != 0 { tell("owner"); next }
		$3 ~ /^d.*w[tT]$/ { tell("sticky"); next }
		$3 ~ /^........w/ { tell("everybody"); next }
		$2 != 0 && $3 ~ /^.....w/ { tell("group") }
	'
}

# write_record FILE: writes standard input to a file of our records, atomically.
write_record() {
	cat >"$1.new"
	mv -f "$1.new" "$1"
}

# Prints the nearest existing directory on the way to a path.
nearest_directory() {
	nearest=$1
	while [ ! -d "$nearest" ]; do nearest=$(dirname "$nearest"); done
	printf '%s' "$nearest"
}
