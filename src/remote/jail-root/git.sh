# Put the jail repository at a pinned commit into the jail.
# uses: git.sh jail-root/git-files.sh manifest-part.sh remove-owned.sh walk.sh

# Fetches $commit of $url into a bare repository of ours and writes its files into the jail. Changes only paths that the
# commit has, and removes files that only the previous commit had.
checkout_jail_repository() {
	open_manifest git
	fetch_commit "$records/git" "$url" "$commit" 'the jail repository'
	unpack_jail_repository "$commit"
	lay_repository "$commit" none /dev/null
}

forget_jail_repository() {
	open_manifest git
	remove_owned
	rm -rf "$records/git"
	to_jail
}
