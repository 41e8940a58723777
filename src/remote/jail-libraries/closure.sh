# Compute the closure: the libraries of the host that the jail needs, and the paths where the jail's loader looks for
# them.
# uses: jail-libraries/loader.sh listing.sh

# Libraries that no header names, but that programs open: pthread_cancel needs libgcc_s. Copied if the host has them.
always_wanted=libgcc_s.so.1
# Further ones before glibc 2.34, which resolved names and addresses through separate libraries.
wanted_before_2_34='libnss_files.so.2 libnss_dns.so.2 libresolv.so.2'

# list_programs: prints programs and libraries that other resources put into the jail, and symlinks to libraries, as
# `inode size time/type/path`. Leaves out mode and owner, so that JailPermissions never changes the closure.
list_programs() {
	set --
	for programs_directory in bin lib static; do
		if [ -d "./$programs_directory" ] && [ ! -L "./$programs_directory" ]; then set -- "$@" "./$programs_directory"; fi
	done
	[ $# -gt 0 ] || return 0
	{
		# One head for all files: there are many executable scripts, and a process for each would take seconds.
		find -P "$@" -path "$too_long" -prune -o -type f ! -path "*$line_break*" \( -path './bin/*' -o -path './lib/libpython*.so*' -o -path './lib/python*/.program/*' -o \
			\( -path './static/*' -o -path './lib/python*/lib-dynload/*' -o -path './lib/python*/site-packages/*' \) \
			\( -name '*.so' -o -name '*.so.*' -o -perm -0100 \) \) -exec head -c 4 /dev/null {} + | tr -d '\000' |
			awk '/^==> .* <==$/ { path = substr($0, 5, length($0) - 8); next } /^.ELF$/ { print path }'
		find -P "$@" -path "$too_long" -prune -o -type l -name '*.so*' ! -path "*$line_break*" \( -path './bin/*' -o -path './static/*' -o -path './lib/python*' -o -path './lib/libpython*' \) -print
	} | LC_ALL=C sort | tr '\n' '\0' | xargs -0 -r stat -c '%i %s %Y/%F/%n'
}

# closure MODE TRACED [EXTRA…]: reads the output of list_programs from standard input. TRACED has the traced
# libraries, one a line. Prints `library PLACE SOURCE`, sorted; `loader PATH`; `libc VERSION`; `unresolved NAME FILE`;
# `problem CODE REASON REMEDY`.
closure() {
	closure_extra=$(shift 2 && printf '%s\n' "$@")
	MODE=$1 TRACED=$2 EXTRA=$closure_extra ALWAYS=$always_wanted OLD=$wanted_before_2_34 awk "$elf_reader$loader_search"'
		function problem(code, reason, remedy) { print "problem\t" code "\t" reason "\t" remedy; exit }

		function missing(name, place,    file) {
			file = file_at(place)
			if (!((abi[file], name) in told)) print "unresolved\t" name "\t" substr(file, file ~ /^\.\// ? 3 : 1)
			told[abi[file], name]
		}

		# Copies the interpreter of a program in the jail. It becomes the loader for all files of its ABI.
		function copy_loader(file,    path, type, parts, found) {
			path = interpreter[file]
			type = abi[file]
			if (path ~ /\/ld-musl-/) problem("musl", substr(file, 3) " needs musl, and JailLibraries knows glibc only", "make this jail on a host with glibc")
			if (path !~ /^(\/usr)?\/lib[a-z0-9]*\//) problem("no-loader", substr(file, 3) " asks for a loader outside the library directories of the host", "see where this program comes from, and remove it")
			if (elf(path) != type) problem("no-loader", substr(file, 3) " needs the loader " path ", and the host has none there for it", "build CPython on this host (PythonBuild), not elsewhere")
			copy(real(path), path)
			if (type in loader) return
			know_loader(file)
			if (default_directories[type] == "") problem("no-loader", "the loader " path " names no directory that it searches", "this is a defect: please report it, with the distribution and its release")
			split(default_directories[type], parts, ":")
			libc_directory[type] = parts[2]
			found = find("libc.so.6", path)
			if (found != "") libc_directory[type] = directory_of(found)
		}

		# Copies a file of the host to a place, unless another file is to be copied there.
		function copy(place, source) {
			if (!(place in source_of)) source_of[place] = source
			return place
		}

		# Copies a library to a default directory of the loader: the same as on the host, otherwise that of libc.
		function copy_library(name, source, type,    directory) {
			directory = real(directory_of(source))
			return copy((index(default_directories[type] ":", ":" directory ":") ? directory : libc_directory[type]) "/" name, source)
		}

		# Returns the directories in which ldconfig knows a library, each after a `:`. Leaves out variants for newer
		# processors, because a jail has no cache that would select them.
		function known(name,    command, line, parts) {
			command = "ldconfig -p 2>/dev/null"
			while (!cache_read && (command | getline line) > 0) {
				if (line !~ / => \// || line ~ /hwcap/) continue
				split(line, parts, " ")
				cached[parts[1]] = cached[parts[1]] ":" directory_of(substr(line, index(line, " => ") + 4))
			}
			if (!cache_read++) close(command)
			return cached[name]
		}

		function from_host(name, place,    file, type, search, source) {
			file = file_at(place)
			type = abi[file]
			# Python has already loaded its own library when it loads a module that needs it.
			if (name ~ /^libpython/ && holds("/lib/" name, type)) return "/lib/" name
			# A file of the site must not make us copy from directories of its choice.
			if (!is_of_site(place)) search = search_of(file, file ~ /^\.\// ? "" : directory_of(file), handed_on_host[place])
			source = first(search known(name) default_directories[type], name, type, 1)
			if (source == "") return ""
			place = copy_library(name, source, type)
			if (runpath[file] == "") handed_on_host[place] = search
			return place
		}

		# Copies a library that no header in the jail names: a name, or a path on the host. Copies it to the given
		# place, or to a default directory of the loader. Returns 0 if the host has no such library that a loader of
		# the jail can load.
		function copy_extra(wanted, place,    i, type, done) {
			if (wanted ~ /^\//) {
				type = elf(wanted)
				if (!(type in loader)) return 0
				reach(place != "" ? copy(place, wanted) : copy_library(name_of(soname[wanted] != "" ? soname[wanted] : wanted), wanted, type))
				return 1
			}
			for (i = 1; i <= loader_count; i++) if (find(wanted, loader[loaders[i]]) != "") done = 1
			return done
		}

		# Copies every library in the default directories of the loader, as the manual procedure does.
		function copy_all(type,    parts, count, i, command, line, directory) {
			count = split(default_directories[type] ":" directory_of(loader[type]), parts, ":")
			for (i = 2; i <= count; i++) {
				command = "cd -P " quoted(parts[i]) " 2>/dev/null && pwd"
				directory = ""
				command | getline directory
				close(command)
				if (directory == "" || (directory in listed)) continue
				listed[directory]
				command = "find -L " quoted(directory) " -maxdepth 1 -type f \\( -name \"*.so\" -o -name \"*.so.*\" \\) -exec grep -l \"^$(printf \"\\177ELF\")\" {} +"
				while ((command | getline line) > 0) {
					line = parts[i] "/" name_of(line)
					copy(line, line)
				}
				close(command)
			}
		}

		function libc_version(path,    command, line) {
			command = "tr \"\\000\" \"\\n\" <" quoted(path) " | sed -n \"s/^GNU C Library.* version \\([0-9.]*[0-9]\\).*/\\1/p\""
			command | getline line
			close(command)
			return line
		}

		{
			place = substr($0, index($0, "/./") + 2)
			if ($0 ~ /^[^\/]*\/symbolic/) assumed[place]
			else { present["." place]; root[++roots] = place }
		}

		END {
			for (i = 1; i <= roots; i++) {
				file = begin(root[i])
				if (interpreter[file] != "" && is_program(root[i])) copy_loader(file)
			}
			if (!loader_count) problem("no-python", "nothing in the bin directory of the jail needs a loader: there is no python yet", "let PythonBuild come first (`dependsOn`)")

			version = libc_version(source_of[libc_directory[loaders[1]] "/libc.so.6"])
			split(version, parts, ".")
			if (parts[1] == 2 && parts[2] + 0 < 34) ENVIRON["ALWAYS"] = ENVIRON["ALWAYS"] " " ENVIRON["OLD"]
			count = split(ENVIRON["ALWAYS"], names, " ")
			for (i = 1; i <= count; i++) copy_extra(names[i])
			count = split(ENVIRON["EXTRA"], names, "\n")
			for (i = 1; i <= count; i++) if (!copy_extra(names[i])) print "unresolved\t" names[i] "\t`extra`"
			count = split(ENVIRON["TRACED"], names, "\n")
			# Copied to the very paths that a traced program looked for. Ignored if the host no longer has it: no header
			# needs it.
			for (i = 1; i <= count; i++) copy_extra(names[i], names[i])

			find_all()
			if (ENVIRON["MODE"] == "all") for (i = 1; i <= loader_count; i++) copy_all(loaders[i])

			for (place in source_of) print "library\t" substr(place, 2) "\t" source_of[place] | "LC_ALL=C sort"
			close("LC_ALL=C sort")
			print "loader\t" loader[loaders[1]]
			print "libc\tglibc " version
		}
	'
}
