# A git repository at a pinned commit.

git_quietly() {
	GIT_TERMINAL_PROMPT=0 GIT_CONFIG_NOSYSTEM=1 git -c gc.auto=0 -c maintenance.auto=false -c protocol.ext.allow=never -c core.hooksPath=/dev/null "$@"
}

# has_commit REPOSITORY COMMIT: with all that is in it. A fetch that was cut off may have left the commit without its files.
has_commit() {
	git_quietly -C "$1" rev-list --objects --no-walk "$2" >/dev/null 2>&1
}

# fetch_commit REPOSITORY URL COMMIT WHAT: brings the commit into a bare repository of ours. WHAT it is, for messages.
fetch_commit() {
	have git || fail missing-tool "there is no git on the host" "install git, or leave \`git\` out"
	# Also where it is there: it may have been cut off.
	git_quietly init --quiet --bare "$1"
	if has_commit "$1" "$3"; then return 0; fi
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
