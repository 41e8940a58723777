# The files of the jail repository, and which of them are git's to lay.
# uses: apply.sh compare.sh git.sh jail-root/claims.sh manifest-part.sh manifest.sh

# unpack_jail_repository COMMIT: unpacks it into $tree, and lists its files as entries in $lists/repository.
unpack_jail_repository() {
	tree=$records/git.tree
	rm -rf "$tree"
	mkdir "$tree"
	unpack_commit "$records/git" "$1" "$tree"
	if [ -n "$(find "$tree" -name "*$line_break*" | head -n 1)" ]; then
		fail git "the jail repository has a file name with a line break" "rename the file there"
	fi
	(cd "$tree" && find . -type f -perm -0100) >"$lists/programs"
	# At the jail's top only root and its group read.
	(cd "$tree" && find . -type f -exec sha256sum -- {} +) | awk -v OFS="$tab" -v tree="$tree/" '
		pass == 1 { program[substr($0, 3)]; next }
		{
			sub(/^\\/, "")
			path = substr($0, 69)
			print "file", substr($0, 1, 64), path in program ? "0755" : path ~ /\// ? "0644" : "0640", path, tree path
		}
	' pass=1 "$lists/programs" pass=2 - | sort -k 4 -t "$tab" >"$lists/repository"
}

# lay_repository COMMIT CLAIMS ENTRIES: lays the files of the unpacked commit that are git's, and records all of them: those that others have claimed
# without their content.
lay_repository() {
	lay_commit=$1
	shift
	unclaimed "$@" <"$lists/repository" >"$lists/wanted"
	compare "$lists/wanted"
	put_entries "$lists/wanted"
	printf 'commit %s\n' "$lay_commit" >"$lists/facts"
	awk -F "$tab" -v OFS="$tab" '
		pass == 1 { laid[$4]; next }
		!($4 in laid) { $2 = $3 = "-" }
		{ print }
	' pass=1 "$lists/wanted" pass=2 "$lists/repository" >"$lists/all"
	settle "$lists/all" "$lists/facts"
	rm -rf "$tree"
}

# give_back_to_git ENTRIES: lays the files of git's commit that the part that is open has claimed, and is to do so no more: it keeps these entries. A file is
# exchanged for git's, without a moment in which there is none.
give_back_to_git() {
	cut -f 4 "$1" | sort | comm -13 - "$lists/owned" >"$lists/released"
	if [ -z "$(owned_by git | comm -12 "$lists/released" - | head -n 1)" ]; then return 0; fi
	give_part=$part
	open_manifest git
	commit=$(fact commit)
	if [ -n "$commit" ]; then
		have git || fail missing-tool "there is no git on the host, which has to put back files of the jail repository" "install git"
		unpack_jail_repository "$commit"
		lay_repository "$commit" "$give_part" "$1"
	fi
	use_part "$give_part"
}
