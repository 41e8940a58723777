# The jail repository at a pinned commit, laid into the jail.

# Fetches $commit of $url into a bare repository of ours and lays its files into the jail. Only names that the commit has
# are touched; files of the commit before that are gone from this one are removed.
checkout_jail_repository() {
	repository=$records/git
	fetch_commit "$repository" "$url" "$commit" 'the jail repository'
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

forget_jail_repository() {
	unclaimed "$records/git.files" | while IFS= read -r file; do remove_file "$file"; done
	rm -rf "$records/git" "$records/git.files" "$records/git.commit"
	go_to "$jail"
}
