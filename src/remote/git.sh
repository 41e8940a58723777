# A git repository at a pinned commit.

git_quietly() {
	GIT_TERMINAL_PROMPT=0 GIT_CONFIG_NOSYSTEM=1 git -c gc.auto=0 -c maintenance.auto=false -c protocol.ext.allow=never -c core.hooksPath=/dev/null "$@"
}

# fetch_commit REPOSITORY URL COMMIT WHAT: brings the commit into a bare repository of ours. WHAT it is, for messages.
fetch_commit() {
	have git || fail missing-tool "there is no git on the host" "install git, or leave \`git\` out"
	# Also where it is there: it may have been cut off.
	git_quietly init --quiet --bare "$1"
	if git_quietly -C "$1" cat-file -e "$3^{commit}" 2>/dev/null; then return 0; fi
	# Not every server gives a commit by its id: where it does not, take all branches and look again.
	git_quietly -C "$1" fetch --quiet --depth 1 -- "$2" "$3" ||
		git_quietly -C "$1" fetch --quiet -- "$2" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*' ||
		fail git "$4 could not be fetched" "check \`git.url\`, and that the host can reach it"
	git_quietly -C "$1" cat-file -e "$3^{commit}" 2>/dev/null ||
		fail git "$4 has no commit $3" "correct \`git.commit\`"
}
