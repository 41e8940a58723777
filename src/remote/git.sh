# A git repository at a pinned commit.

git_quietly() {
	GIT_TERMINAL_PROMPT=0 GIT_CONFIG_NOSYSTEM=1 git -c gc.auto=0 -c maintenance.auto=false -c protocol.ext.allow=never -c core.hooksPath=/dev/null "$@"
}

# has_commit REPOSITORY COMMIT: with all that is in it, to the last byte: a fetch that was cut off, or a host that lost power, may have
# left the commit without its files, or empty ones.
has_commit() {
	git_quietly -C "$1" archive "$2" >/dev/null 2>&1
}

# git_fetch REPOSITORY ADDRESS ARGUMENT...: ADDRESS is a URL, and after it, where it wants a login, a line of the user and one of the
# password. These reach git by its environment, and the server at the URL alone: command lines are everybody's to read.
git_fetch() (
	git_into=$1 git_url=${2%%"$line_break"*} git_login=${2#*"$line_break"}
	shift 2
	set -- -C "$git_into" fetch --quiet "$@"
	if [ "$git_login" != "$git_url" ]; then
		export PYTHON3JAIL_USER="${git_login%%"$line_break"*}" PYTHON3JAIL_PASSWORD="${git_login#*"$line_break"}"
		git_server=$(printf '%s\n' "$git_url" | sed 's|^\([A-Za-z]*://[^/]*\).*|\1|')
		# shellcheck disable=SC2016 # expanded by the shell that git starts
		set -- -c credential.helper= -c "credential.$git_server.helper="'!tell() { [ "$1" != get ] || printf "username=%s\npassword=%s\n" "$PYTHON3JAIL_USER" "$PYTHON3JAIL_PASSWORD"; }; tell' "$@"
	fi
	git_quietly "$@"
)

# fetch_commit REPOSITORY ADDRESS COMMIT WHAT: brings the commit into a bare repository of ours. WHAT it is, for messages.
fetch_commit() {
	have git || fail missing-tool "there is no git on the host" "install git there, or leave \`git\` out"
	if has_commit "$1" "$3"; then return 0; fi
	# Git does not mend an object that it has: where one of this commit's is damaged, or the repository itself, it is made anew.
	if [ -d "$1" ] && git_quietly -C "$1" cat-file -e "$3^{commit}" 2>/dev/null; then rm -rf "$1"; fi
	# What a git that was killed has left: its locks would keep every other out. None is at work, as the step holds the lock of all. The
	# commits stay: one of them may be in use.
	if [ -d "$1" ]; then find "$1" -type f \( -name '*.lock' -o -path "$1/objects/*/tmp_*" \) -exec rm -f {} +; fi
	git_quietly init --quiet --bare "$1"
	# Not every server gives a commit by its id: where it does not, take all branches and look again.
	git_fetch "$1" "$2" --depth 1 -- "${2%%"$line_break"*}" "$3" ||
		git_fetch "$1" "$2" -- "${2%%"$line_break"*}" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*' ||
		fail git "$4 could not be fetched" "check \`git.url\`, and that the host can reach it"
	has_commit "$1" "$3" || fail git "$4 has no commit $3" "correct \`git.commit\`"
}

# unpack_commit REPOSITORY COMMIT FOLDER: with an archive in between, as of two programs behind one another only the last one's end is told.
unpack_commit() {
	git_quietly -C "$1" archive -o "$3.tar" "$2"
	tar -x -o -f "$3.tar" -C "$3"
	rm -f "$3.tar"
}
