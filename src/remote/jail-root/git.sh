# The jail repository at a pinned commit, laid into the jail.
# uses: git.sh jail-root/claims.sh jail-root/git-files.sh records.sh refuse-mounted.sh remove-paths.sh walk.sh

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
	refuse_mounted <"$records/git.files"
	comm -23 "$records/git.files" "$records/git.files.new" >"$records/git.files.gone"
	unclaimed "$records/git.files.gone" >"$records/git.gone"
	in_the_way "$records/git.files.new" "$records/git.gone" >"$records/git.first"
	with_folders "$records/git.files.new" <"$records/git.first" | remove_paths
	unclaimed "$records/git.files.new" | while IFS= read -r file; do lay_file "$file"; done
	comm -23 "$records/git.gone" "$records/git.first" | with_folders "$records/git.files.new" | remove_paths
	rm -f "$records/git.files.gone" "$records/git.gone" "$records/git.first"
	mv -f "$records/git.files.new" "$records/git.files"
	record_laid "$commit"
	rm -rf "$tree"
	printf '%s\n' "$commit" | write_record "$records/git.commit"
}

forget_jail_repository() {
	unclaimed "$records/git.files" | with_folders /dev/null | remove_paths
	rm -rf "$records/git" "$records/git.files" "$records/git.laid" "$records/git.commit"
	go_to "$jail"
}

# with_folders WANTED: the paths on standard input and the folders that they lie in, but those that the list needs and, unless it has
# a file in the place of one, those at the jail's top; as remove_paths reads them.
with_folders() {
	awk '
		pass == 1 { file[$0]; for (path = $0; sub(/\/[^\/]*$/, "", path);) needed[path]; next }
		{ print; for (path = $0; sub(/\/[^\/]*$/, "", path);) if (!(path in needed) && (path ~ /\// || path in file) && !seen[path]++) print path }
	' pass=1 "$1" pass=2 - | sort -r
}
