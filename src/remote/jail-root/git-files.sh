# The files of the jail repository, and which of them are git's to lay.
# uses: git.sh installed.sh jail-root/claims.sh jail.sh records.sh staging.sh walk.sh

# unpack_jail_repository COMMIT: unpacks it into $tree.
unpack_jail_repository() {
	tree=$records/git.tree
	rm -rf "$tree"
	mkdir "$tree"
	unpack_commit "$records/git" "$1" "$tree"
	if [ -n "$(find "$tree" -name "*$line_break*" | head -n 1)" ]; then
		fail git "the jail repository has a file name with a line break" "rename the file there"
	fi
}

# give_back_to_git LIST: lays files of the commit that is in the jail, which others had claimed.
give_back_to_git() {
	if [ ! -s "$1" ] || [ ! -s "$records/git.commit" ]; then return 0; fi
	have git || fail missing-tool "there is no git on the host, which has to put back $(head -n 1 "$1")" "install git"
	unpack_jail_repository "$(cat "$records/git.commit")"
	while IFS= read -r file; do lay_file "$file"; done <"$1"
	rm -rf "$tree"
}

lay_file() {
	case $1 in
	*/*) lay_folder=${1%/*} ;;
	*) lay_folder=. ;;
	esac
	lay_name=${1##*/}
	to_jail
	make_folders "$lay_folder"
	if is_file "$lay_name" && cmp -s "$tree/$1" "./$lay_name" && same_use "$tree/$1" "./$lay_name"; then
		to_jail
		return 0
	fi
	if [ -d "./$lay_name" ] && [ ! -L "./$lay_name" ]; then
		fail git "$1 is a folder in the jail and a file in the repository" "move it away"
	fi
	hold_folder
	cp "$tree/$1" "$held/file"
	if [ "$lay_folder" = . ] && [ ! -x "$held/file" ]; then chmod 0640 "$held/file"; fi
	chown "$(owner_in_jail)" "$held/file"
	go_in_jail "$lay_folder"
	put "$held/file" "$lay_name"
	drop_folder
}

# Owners are JailPermissions' business: what comes anew, which may be after it, gets what it gave to what every jail has.
owner_in_jail() (
	to_jail
	for known in "$marker" "$id_file"; do
		if is_file "$known"; then stat -c '%u:%g' "./$known" && return; fi
	done
	echo 0:0
)

# Whether two files are both programs, or neither is.
same_use() {
	if [ -x "$1" ]; then [ -x "$2" ]; else [ ! -x "$2" ]; fi
}

# record_laid COMMIT: writes down, for installed.sh, what of the unpacked repository is in the jail. What lies in scratch is its users'.
record_laid() {
	installed=$records/git.laid
	private_directory "$installed"
	rm -f "$installed/key"
	(cd "$tree" && find . -type f -exec sha256sum -- {} +) | sed -n 's|^\([0-9a-f]*\) [ *]\./|f \1 |; / scratch\//!p' | write_record "$installed/manifest"
	to_jail
	unclaimed "$records/git.files" | tr '\n' '\0' | xargs -0 -r stat -c '%i %s %z %n' -- | write_record "$installed/index"
	write_record "$installed/owned" <"$records/git.files"
	seal_installed "$1" git
}
