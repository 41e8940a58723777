# The jail repository at a pinned commit, laid into the jail.

# Fetches $commit of $url into a bare repository of ours and lays its files into the jail. Only names that the commit has
# are touched; files of the commit before that are gone from this one are removed.
checkout_jail_repository() {
	repository=$records/git
	fetch_commit "$repository" "$url" "$commit" 'the jail repository'
	tree=$records/git.tree
	rm -rf "$tree"
	mkdir "$tree"
	git_quietly -C "$repository" archive "$commit" | tar -x -f - -C "$tree"
	if [ -n "$(find "$tree" -name "*$line_break*" | head -n 1)" ]; then
		fail git "the jail repository has a file name with a line break" "rename the file there"
	fi
	(cd "$tree" && find . -type f | sed 's|^\./||' | sort) >"$records/git.files.new"
	# Known as ours before they are written, so that a run cut off here leaves nothing that nobody owns.
	touch "$records/git.files"
	sort -u "$records/git.files" "$records/git.files.new" >"$records/git.files.both"
	mv -f "$records/git.files.both" "$records/git.files"
	while IFS= read -r file; do lay_file "$file"; done <"$records/git.files.new"
	comm -23 "$records/git.files" "$records/git.files.new" | while IFS= read -r file; do remove_file "$file"; done
	mv -f "$records/git.files.new" "$records/git.files"
	rm -rf "$tree"
	printf '%s\n' "$commit" >"$records/git.commit"
}

forget_jail_repository() {
	while IFS= read -r file; do remove_file "$file"; done <"$records/git.files"
	rm -rf "$records/git" "$records/git.files" "$records/git.commit"
	go_to "$jail"
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
	go_in_jail "$lay_folder"
	put "$held/file" "$lay_name"
	drop_folder
}

# Whether two files are both programs, or neither is.
same_use() {
	if [ -x "$1" ]; then [ -x "$2" ]; else [ ! -x "$2" ]; fi
}

remove_file() {
	case $1 in
	*/*) remove_folder=${1%/*} ;;
	*) remove_folder=. ;;
	esac
	if go_in_jail "$remove_folder"; then rm -f "./${1##*/}"; fi
	to_jail
}
