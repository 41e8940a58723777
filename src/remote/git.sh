# A git repository at a pinned commit.

git_quietly() {
	GIT_TERMINAL_PROMPT=0 GIT_CONFIG_NOSYSTEM=1 git -c gc.auto=0 -c maintenance.auto=false -c protocol.ext.allow=never -c core.hooksPath=/dev/null "$@"
}

# has_commit REPOSITORY COMMIT: with all that is in it, to the last byte: a fetch that was cut off, or a host that lost power, may have
# left the commit without its files, or empty ones.
has_commit() {
	git_quietly -C "$1" archive "$2" >/dev/null 2>&1
}

# fetch_commit REPOSITORY URL COMMIT WHAT: brings the commit into a bare repository of ours. WHAT it is, for messages.
fetch_commit() {
	have git || fail missing-tool "there is no git on the host" "install git, or leave \`git\` out"
	if has_commit "$1" "$3"; then return 0; fi
	# Git does not mend an object that it has: where one of this commit's is damaged, or the repository itself, it is made anew.
	if [ -d "$1" ] && git_quietly -C "$1" cat-file -e "$3^{commit}" 2>/dev/null; then rm -rf "$1"; fi
	# What a git that was killed has left: its locks would keep every other out. None is at work, as the step holds the lock of all. The
	# commits stay: one of them may be in use.
	if [ -d "$1" ]; then find "$1" -type f \( -name '*.lock' -o -path "$1/objects/*/tmp_*" \) -exec rm -f {} +; fi
	git_quietly init --quiet --bare "$1"
	# Not every server gives a commit by its id: where it does not, take all branches and look again.
	git_quietly -C "$1" fetch --quiet --depth 1 -- "$2" "$3" ||
		git_quietly -C "$1" fetch --quiet -- "$2" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*' ||
		fail git "$4 could not be fetched" "check \`git.url\`, and that the host can reach it"
	has_commit "$1" "$3" || fail git "$4 has no commit $3" "correct \`git.commit\`"
}

# unpack_commit REPOSITORY COMMIT FOLDER: with an archive in between, as of two programs behind one another only the last one's end is told.
unpack_commit() {
	git_quietly -C "$1" archive -o "$3.tar" "$2"
	tar -x -o -f "$3.tar" -C "$3"
	rm -f "$3.tar"
}
