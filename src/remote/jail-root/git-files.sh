# Lay out the files of the jail repository that belong to git.
# uses: apply.sh compare.sh git.sh jail-root/claims.sh manifest-part.sh manifest.sh

# unpack_jail_repository COMMIT: unpacks a commit into $tree, and lists its files as entries in $lists/repository.
unpack_jail_repository() {
	tree=$records/git.tree
	rm -rf "$tree"
	mkdir "$tree"
	unpack_commit "$records/git" "$1" "$tree"
	if [ -n "$(find "$tree" -name "*[$line_break$tab]*" | head -n 1)" ]; then
		fail strange-file "the jail repository has a file name with a line break or a tab" "rename the file there"
	fi
	(cd "$tree" && find . -type f -perm -0100) >"$lists/programs"
	# Only root and its group can read files at the jail's top.
	(cd "$tree" && find . -type f | sum_paths) | awk -F "$tab" -v OFS="$tab" -v tree="$tree/" '
		pass == 1 { program[substr($0, 3)]; next }
		{
			path = substr($2, 3)
			print "file", $1, path in program ? "0755" : path ~ /\// ? "0644" : "0640", path, tree path
		}
	' pass=1 "$lists/programs" pass=2 - | sort -k 4 -t "$tab" >"$lists/repository"
}

# lay_repository COMMIT CLAIMS ENTRIES [PATHS]: puts the files of the unpacked commit that belong to git into the jail,
# or only those of them that the file PATHS lists. Records all files of the commit. Those that others have claimed are
# recorded without their content.
lay_repository() {
	lay_commit=$1
	unclaimed "$2" "$3" <"$lists/repository" >"$lists/wanted"
	if [ $# = 4 ]; then
		awk -F "$tab" 'pass == 1 { only[$0]; next } $4 in only' pass=1 "$4" pass=2 "$lists/wanted" >"$lists/only"
		mv -f "$lists/only" "$lists/wanted"
	fi
	# Files that are not written now keep their record, unless others have claimed them.
	unclaimed "$2" "$3" <"$lists/recorded" >"$lists/known"
	compare "$lists/wanted"
	put_entries "$lists/wanted"
	printf 'commit %s\n' "$lay_commit" >"$lists/facts"
	awk -F "$tab" -v OFS="$tab" '
		pass == "known" { content[$4] = $2; mode[$4] = $3; next }
		pass == "laid" { laid[$4]; next }
		!($4 in laid) { $2 = ($4 in content) ? content[$4] : "-"; $3 = ($4 in mode) ? mode[$4] : "-" }
		{ print }
	' pass=known "$lists/known" pass=laid "$lists/wanted" pass=repository "$lists/repository" >"$lists/all"
	settle "$lists/all" "$lists/facts"
	rm -rf "$tree"
}

# give_back_to_git ENTRIES: writes the files of git's commit that the open part has claimed and is about to give up, as
# it only keeps these entries. Replaces each file by git's, without a moment in which there is none.
give_back_to_git() {
	awk -F "$tab" 'pass == "kept" { kept[$4]; next } !($0 in kept)' pass=kept "$1" pass=owned "$lists/owned" >"$lists/released"
	[ -s "$lists/released" ] || return 0
	give_part=$part
	open_manifest git
	unclaimed none /dev/null <"$lists/recorded" | cut -f 4 | sort >"$lists/unclaimed-before"
	unclaimed "$give_part" "$1" <"$lists/recorded" | cut -f 4 | sort | comm -13 "$lists/unclaimed-before" - >"$lists/given-back"
	commit=$(fact commit)
	if [ -n "$commit" ] && [ -s "$lists/given-back" ]; then
		have git || fail missing-tool "there is no git on the host, which has to put back files of the jail repository" "install git"
		unpack_jail_repository "$commit"
		lay_repository "$commit" "$give_part" "$1" "$lists/given-back"
	fi
	use_part "$give_part"
}
