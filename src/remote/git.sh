# Fetch and unpack a pinned commit of a git repository.

git_quietly() {
	GIT_TERMINAL_PROMPT=0 GIT_CONFIG_NOSYSTEM=1 git -c gc.auto=0 -c maintenance.auto=false -c protocol.ext.allow=never -c core.hooksPath=/dev/null "$@"
}

# has_commit REPOSITORY COMMIT: succeeds if the commit is there with all of its files. Reads every byte: a fetch that
# was interrupted, or a host that lost power, may have left the commit with missing or empty files.
has_commit() {
	git_quietly -C "$1" archive "$2" >/dev/null 2>&1
}

# git_fetch REPOSITORY ADDRESS ARGUMENT...: runs `git fetch`. ADDRESS is a URL, followed by a line with the user and a
# line with the password if the server wants a login. Passes the login in the environment, and only to the server of the
# URL, because every user of the host can read command lines.
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

# fetch_commit REPOSITORY ADDRESS COMMIT WHAT: fetches the commit into a bare repository of ours. WHAT names it in
# messages.
fetch_commit() {
	have git || fail missing-tool "there is no git on the host" "install git there, or leave \`git\` out"
	if has_commit "$1" "$3"; then return 0; fi
	# Git does not repair an object that it has. So a repository with a damaged object of this commit is made anew.
	if [ -d "$1" ] && git_quietly -C "$1" cat-file -e "$3^{commit}" 2>/dev/null; then rm -rf "$1"; fi
	# Remove the locks and temporary files of a git that was killed: its locks would block every later one. No git is
	# running, as the step holds the lock for all of them. Keep the commits, as one of them may be in use.
	if [ -d "$1" ]; then find "$1" -type f \( -name '*.lock' -o -path "$1/objects/*/tmp_*" \) -exec rm -f {} +; fi
	git_quietly init --quiet --bare "$1"
	# Some servers do not send a commit by its id. Then fetch all branches and tags, and check again.
	git_fetch "$1" "$2" --depth 1 -- "${2%%"$line_break"*}" "$3" ||
		git_fetch "$1" "$2" -- "${2%%"$line_break"*}" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*' ||
		fail git "$4 could not be fetched" "check \`git.url\`, and that the host can reach it"
	has_commit "$1" "$3" || fail git "$4 has no commit $3" "correct \`git.commit\`"
}

# unpack_commit REPOSITORY COMMIT DIRECTORY: unpacks a commit. Writes the archive to a file first, because the shell
# only reports the exit code of the last program of a pipe.
unpack_commit() {
	git_quietly -C "$1" archive -o "$3.tar" "$2"
	tar -x -o -f "$3.tar" -C "$3"
	rm -f "$3.tar"
}
