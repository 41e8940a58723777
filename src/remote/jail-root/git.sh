# The jail repository at a pinned commit, laid into the jail.

git_quietly() {
	GIT_TERMINAL_PROMPT=0 GIT_CONFIG_NOSYSTEM=1 git -c gc.auto=0 -c maintenance.auto=false -c protocol.ext.allow=never -c core.hooksPath=/dev/null "$@"
}

# Fetches $commit of $url into a bare repository of ours and lays its files into the jail. Only names that the commit has
# are touched; files of the commit before that are gone from this one are removed.
checkout_jail_repository() {
	have git || fail missing-tool "there is no git on the host" "install git, or leave \`git\` out"
	repository=$records/git
	[ -d "$repository" ] || git_quietly init --quiet --bare "$repository"
	if ! git_quietly -C "$repository" cat-file -e "$commit^{commit}" 2>/dev/null; then
		# Not every server gives a commit by its id: where it does not, take all branches and look again.
		git_quietly -C "$repository" fetch --quiet --depth 1 -- "$url" "$commit" ||
			git_quietly -C "$repository" fetch --quiet -- "$url" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*' ||
			fail git "the jail repository could not be fetched" "check \`git.url\`, and that the host can reach it"
		git_quietly -C "$repository" cat-file -e "$commit^{commit}" 2>/dev/null ||
			fail git "the jail repository has no commit $commit" "correct \`git.commit\`"
	fi
	unpack_jail_repository "$commit"
	(cd "$tree" && find . -type f | sed 's|^\./||' | sort) >"$records/git.files.new"
	# Known as ours before they are written, so that a run cut off here leaves nothing that nobody owns.
	touch "$records/git.files"
	sort -u "$records/git.files" "$records/git.files.new" >"$records/git.files.both"
	mv -f "$records/git.files.both" "$records/git.files"
	unclaimed "$records/git.files.new" | while IFS= read -r file; do lay_file "$file"; done
	comm -23 "$records/git.files" "$records/git.files.new" >"$records/git.files.gone"
	unclaimed "$records/git.files.gone" | while IFS= read -r file; do remove_file "$file"; done
	rm -f "$records/git.files.gone"
	mv -f "$records/git.files.new" "$records/git.files"
	rm -rf "$tree"
	printf '%s\n' "$commit" >"$records/git.commit"
}

# unpack_jail_repository COMMIT: unpacks it into $tree.
unpack_jail_repository() {
	tree=$records/git.tree
	rm -rf "$tree"
	mkdir "$tree"
	git_quietly -C "$records/git" archive "$1" | tar -x -f - -C "$tree"
	if [ -n "$(find "$tree" -name "*$line_break*" | head -n 1)" ]; then
		fail git "the jail repository has a file name with a line break" "rename the file there"
	fi
}

# unclaimed LIST [OWNED]: the paths of a list that JailFiles and JailSystem (placed-files.sh) leave to git: they have put
# nothing there, nor above or below it. OWNED stands for what the resource at work has put there.
unclaimed() {
	for claims in "$records"/files/*/owned "$records/system/owned"; do
		if [ $# = 2 ] && [ "$claims" = "$placed/owned" ]; then cat "$2"; elif [ -f "$claims" ]; then cat "$claims"; fi
	done | awk '
		pass == 1 { file[$0]; for (path = $0; sub(/\/[^\/]*$/, "", path);) folder[path]; next }
		{
			claimed = $0 in file || $0 in folder
			for (path = $0; sub(/\/[^\/]*$/, "", path);) if (path in file) claimed = 1
			if (!claimed) print
		}
	' pass=1 - pass=2 "$1"
}

# give_back_to_git LIST: lays files of the commit that is in the jail, which others had claimed.
give_back_to_git() {
	if [ ! -s "$1" ] || [ ! -s "$records/git.commit" ]; then return 0; fi
	have git || fail missing-tool "there is no git on the host, which has to put back $(head -n 1 "$1")" "install git"
	unpack_jail_repository "$(cat "$records/git.commit")"
	while IFS= read -r file; do lay_file "$file"; done <"$1"
	rm -rf "$tree"
}

forget_jail_repository() {
	unclaimed "$records/git.files" | while IFS= read -r file; do remove_file "$file"; done
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
