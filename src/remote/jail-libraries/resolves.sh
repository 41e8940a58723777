# Whether programs and libraries in the jail find all that they need in the jail alone, as its loader would: the host is not
# asked. Works on any jail, whoever made it, from its directory; nothing of it is run.
# uses: jail-libraries/loader.sh listing.sh

# unresolved_in_jail: reads paths of programs and libraries (`./bin/python3`), and follows what they need. Lines out:
# `NAME FILE`, NAME being a library, or the absolute path of an interpreter, that FILE does not find.
unresolved_in_jail() {
	{
		sed 's/^/root /'
		find -P . -xdev \( -path ./scratch -o -path ./dev -o -path "$too_long" \) -prune -o -type f ! -path "*$line_break*" -print
		# As 'NAME' -> 'TEXT'; a name with a quotation mark in it is none that a loader looks for.
		find -P . -xdev \( -path ./scratch -o -path ./dev -o -path "$too_long" \) -prune -o -type l ! -path "*$line_break*" -print0 | xargs -0 -r stat -c %N
	} | awk "$elf_reader$loader_search"'
		function from_host(name, place) { return "" }
		function missing(name, place) { print name "\t" substr(place, 2) }

		/^\047/ {
			at = index($0, "\047 -> \047")
			if (at) link[substr($0, 3, at - 3)] = substr($0, at + 6, length($0) - at - 6)
			next
		}
		/^root / { root[++roots] = substr($0, 7); next }
		{ present[$0] }

		END {
			for (i = 1; i <= roots; i++) {
				file = begin(root[i])
				if (interpreter[file] != "" && !know_loader(file)) stranded[root[i]] = file
			}
			# A package may hold programs for other machines: nobody starts them here.
			for (place in stranded) if (is_program(place) || (abi[stranded[place]] in loader)) missing(interpreter[stranded[place]], place)
			find_all()
		}
	' | LC_ALL=C sort -u
}
