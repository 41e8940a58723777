# Whether programs and libraries in the jail find all that they need in the jail alone, as its loader would: the host is not
# asked. Works on any jail, whoever made it, from its folder; nothing of it is run.
# uses: jail-libraries/elf.sh listing.sh

# unresolved_in_jail: reads paths of programs and libraries (`./bin/python3`), and follows what they need. Lines out:
# `NAME FILE`, NAME being a library, or the absolute path of an interpreter, that FILE does not find.
unresolved_in_jail() {
	{
		sed 's/^/root /'
		find -P . -xdev \( -path ./scratch -o -path ./dev -o -path "$too_long" \) -prune -o -type f ! -path "*$line_break*" -print
		# As 'NAME' -> 'TEXT'; a name with a quotation mark in it is none that a loader looks for.
		find -P . -xdev \( -path ./scratch -o -path ./dev -o -path "$too_long" \) -prune -o -type l ! -path "*$line_break*" -print0 | xargs -0 -r stat -c %N
	} | awk "$elf_reader"'
		# The file at a path as a process in the jail reaches it, through links: a path from here, without any link in it.
		function inside(path,    at, part, hops) {
			while (path != "") {
				sub(/^\/+/, "", path)
				part = path
				sub(/\/.*/, "", part)
				path = substr(path, length(part) + 1)
				if (part == "" || part == ".") continue
				if (part == "..") { sub(/\/[^\/]*$/, "", at); continue }
				at = at "/" part
				if (!(at in link)) continue
				if (++hops > 40) return ""
				path = link[at] path
				if (substr(link[at], 1, 1) == "/") at = ""
				else sub(/\/[^\/]*$/, "", at)
			}
			return ("." at) in file ? "." at : ""
		}

		function missing(name, path) {
			if ((name, path) in told) return
			told[name, path]
			print name "\t" substr(path, 2)
		}

		# A program: what it is started by is the loader for all files of its ABI.
		function know_loader(path, real,    type, at) {
			type = abi[real]
			at = inside(interpreter[real])
			if (at == "" || elf(at) != type) return 0
			if (!(type in loader)) { loader[type] = name_of(interpreter[real]); folders[type] = folders_in_loader(at) }
			return 1
		}

		# Follows the needs of the file that the loader knows by a path. Those of its RPATH and of what asked for it go before
		# the folders of the loader.
		function follow(path,    real, type, names, count, i, search, parts, parts_count, j, at) {
			real = inside(path)
			type = elf(real)
			if (!(type in loader)) return
			search = runpath[real] != "" ? expanded(runpath[real], folder_of(path)) : expanded(rpath[real], folder_of(path)) handed_on[path]
			parts_count = split(search folders[type], parts, ":")
			count = split(needed[real], names, "\n")
			for (i = 1; i <= count; i++) {
				if (names[i] == loader[type]) continue
				at = ""
				if (names[i] ~ /^\//) { if (elf(inside(names[i])) == type) at = names[i] }
				else for (j = 2; j <= parts_count && at == ""; j++) if (elf(inside(parts[j] "/" names[i])) == type) at = parts[j] "/" names[i]
				if (at != "") {
					if (!(at in seen)) { seen[at]; queue[++queued] = at; if (runpath[real] == "") handed_on[at] = search }
				# Packages may load a library of theirs by its path before they load what needs it.
				} else if (!(path ~ /^\/(static|lib\/python[^\/]*\/site-packages)\// && ((type, names[i]) in own))) missing(names[i], path)
			}
		}

		/^\047/ {
			at = index($0, "\047 -> \047")
			if (at) link[substr($0, 3, at - 3)] = substr($0, at + 6, length($0) - at - 6)
			next
		}
		/^root / { root[++roots] = substr($0, 7); next }
		{ file[$0] }

		END {
			for (i = 1; i <= roots; i++) {
				real = inside(root[i])
				type = elf(real)
				if (type == "") continue
				own[type, name_of(root[i])]
				if (interpreter[real] != "" && !know_loader(root[i], real)) stranded[root[i]] = real
				if (!(root[i] in seen)) { seen[root[i]]; queue[++queued] = root[i] }
			}
			# A package may hold programs for other machines: nobody starts them here.
			for (path in stranded) if (path ~ /^\/(lib\/[^\/]+\/\.program\/)?bin\// || (abi[stranded[path]] in loader)) missing(interpreter[stranded[path]], path)
			for (i = 1; i <= queued; i++) follow(queue[i])
		}
	' | LC_ALL=C sort
}
