# Check whether programs and libraries in the jail find their libraries in the jail alone, as its loader would. Works on
# any jail, also one made by hand. Runs no program of the jail and reads no library of the host.
# uses: jail-libraries/loader.sh listing.sh

# unresolved_in_jail: reads paths of programs and libraries (`./bin/python3`) from standard input. Prints `NAME FILE`
# for each library, or absolute path of an interpreter, that FILE needs and does not find. The jail's directory must
# be the current one.
unresolved_in_jail() {
	{
		sed 's/^/root /'
		find -P . -xdev \( -path ./scratch -o -path ./dev -o -path "$too_long" \) -prune -o -type f ! -path "*$line_break*" -print
		# Prints 'NAME' -> 'TEXT'. No loader looks for a name with a quotation mark in it.
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
			# A package may have programs for other machines, which cannot be started here.
			for (place in stranded) if (is_program(place) || (abi[stranded[place]] in loader)) missing(interpreter[stranded[place]], place)
			find_all()
		}
	' | LC_ALL=C sort -u
}
