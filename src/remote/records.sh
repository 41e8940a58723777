# Directories of ours outside the jail, and who else could change them.

# private_directory PATH: a directory of ours outside the jail, root's and closed to all others, on a path that only root can change. Takes
# over no directory of somebody else.
private_directories=$line_break
private_directory() {
	case $private_directories in
	*"$line_break${1%/*}$line_break"*) ;;
	*)
		private_way=$(nearest_folder "$1")
		if [ "$(cd -P "$private_way" && pwd -P)" != "$private_way" ]; then
			fail symlink "a component of $private_way is a symbolic link" "give the real path in \`directories\`"
		fi
		private_others=$(changed_by "$private_way" | grep -v '^sticky ' | head -n 1)
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

# changed_by PATH: who besides root can change what is at PATH, or a directory on the way to it (PATH has no symbolic link), nearest first.
# Lines `WHO PATH`. WHO is `everybody`, `sticky` (everybody, but each only what is theirs), `group` or `owner`.
changed_by() {
	changed_way=${1%/}
	set --
	while [ -n "$changed_way" ]; do
		set -- "$@" "$changed_way"
		changed_way=${changed_way%/*}
	done
	stat -c '%u %g %A %n' -- "$@" / | awk '
		function tell(who) { path = $0; sub(/^[0-9]+ [0-9]+ [^ ]+ /, "", path); print who, path }
		$1 != 0 { tell("owner"); next }
		$3 ~ /^d.*w[tT]$/ { tell("sticky"); next }
		$3 ~ /^........w/ { tell("everybody"); next }
		$2 != 0 && $3 ~ /^.....w/ { tell("group") }
	'
}

# write_record FILE: standard input becomes a file of our records: whole, or not at all.
write_record() {
	cat >"$1.new"
	mv -f "$1.new" "$1"
}

# The nearest folder on the way to a path that may not be there yet.
nearest_folder() {
	nearest=$1
	while [ ! -d "$nearest" ]; do nearest=$(dirname "$nearest"); done
	printf '%s' "$nearest"
}
