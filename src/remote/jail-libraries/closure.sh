# Which libraries of the host the jail needs, and where in the jail its loader looks for them.
# uses: jail-libraries/elf.sh listing.sh

# What programs open without saying so in any header, where the host has it: pthread_cancel needs libgcc_s.
always_wanted=libgcc_s.so.1
# Before glibc 2.34 names and addresses were looked up through libraries of their own.
wanted_before_2_34='libnss_files.so.2 libnss_dns.so.2 libresolv.so.2'

# Every program and library that others put into the jail, and links to libraries, as `inode size time/type/path`. Mode and
# owner do not count: JailPermissions' work changes no closure.
list_programs() {
	set --
	for programs_folder in bin lib static; do
		if [ -d "./$programs_folder" ] && [ ! -L "./$programs_folder" ]; then set -- "$@" "./$programs_folder"; fi
	done
	[ $# -gt 0 ] || return 0
	{
		# One head for all: scripts and data that are executable are many, and a process for each would take seconds.
		find -P "$@" -path "$too_long" -prune -o -type f ! -path "*$line_break*" \( -path './bin/*' -o -path './lib/libpython*.so*' -o -path './lib/python*/.program/*' -o \
			\( -path './static/*' -o -path './lib/python*/lib-dynload/*' -o -path './lib/python*/site-packages/*' \) \
			\( -name '*.so' -o -name '*.so.*' -o -perm -0100 \) \) -exec head -c 4 /dev/null {} + | tr -d '\000' |
			awk '/^==> .* <==$/ { path = substr($0, 5, length($0) - 8); next } /^.ELF$/ { print path }'
		find -P "$@" -path "$too_long" -prune -o -type l -name '*.so*' ! -path "*$line_break*" \( -path './bin/*' -o -path './static/*' -o -path './lib/python*' -o -path './lib/libpython*' \) -print
	} | LC_ALL=C sort | tr '\n' '\0' | xargs -0 -r stat -c '%i %s %Y/%F/%n'
}

# closure MODE TRACED [EXTRA…]: reads the listing. TRACED: what was traced, a line each. Lines out: `library PLACE SOURCE`,
# sorted; `loader PATH`; `libc VERSION`; `unresolved NAME FILE`; `problem CODE REASON REMEDY`.
closure() {
	closure_mode=$1 closure_traced=$2
	shift 2
	closure_extra=$(for library; do printf '%s\n' "$library"; done)
	MODE=$closure_mode EXTRA=$closure_extra TRACED=$closure_traced ALWAYS=$always_wanted OLD=$wanted_before_2_34 awk "$elf_reader"'
		function problem(code, reason, remedy) { print "problem\t" code "\t" reason "\t" remedy; exit }

		# An executable of the jail: its interpreter is the loader for all files of its ABI.
		function know_loader(file,    path, type, parts, count, i) {
			path = interpreter[file]
			if (path ~ /\/ld-musl-/) problem("musl", substr(file, 3) " needs musl, and JailLibraries knows glibc only", "make this jail on a host with glibc, or build CPython there statically")
			if (path !~ /^(\/usr)?\/lib[a-z0-9]*\//) problem("no-loader", substr(file, 3) " asks for a loader outside the library folders of the host", "see where this program comes from, and remove it")
			type = elf(path)
			if (type != abi[file]) problem("no-loader", substr(file, 3) " needs the loader " path ", and the host has none there for it", "build CPython on this host (PythonBuild), not elsewhere")
			add(plain(path), path)
			if (type in loader) return
			loader[type] = path
			loaders[++loader_count] = type
			default_folders[type] = folders_in_loader(path)
			count = split(default_folders[type], parts, ":")
			for (i = 2; i <= count; i++) searched[type, parts[i]]
			if (default_folders[type] == "") problem("no-loader", "the loader " path " names no folder that it searches", "tell us about this host: its kind and release")
			libc_folder[type] = substr(default_folders[type], 2)
			sub(/:.*/, "", libc_folder[type])
			resolve("libc.so.6", path, type)
			if ((type, "libc.so.6") in found) libc_folder[type] = folder_of(found[type, "libc.so.6"])
		}

		# A library for the jail: each destination once.
		function add(destination, source) {
			if (destination in source_of) return
			source_of[destination] = source
			queue[++queued] = source
		}

		# The libraries that ldconfig knows by this name, with the loader folders after them. Variants for newer processors are
		# passed over: a jail has no cache that would choose them.
		function known(name, type,    command, line, parts, count, i, out) {
			if (!cache_read) {
				cache_read = 1
				command = "ldconfig -p 2>/dev/null"
				while ((command | getline line) > 0) {
					if (line !~ / => \// || line ~ /hwcap/) continue
					count = split(line, parts, " ")
					cached[parts[1]] = cached[parts[1]] "\n" substr(line, index(line, " => ") + 4)
				}
				close(command)
			}
			out = cached[name]
			count = split(default_folders[type], parts, ":")
			for (i = 2; i <= count; i++) out = out "\n" parts[i] "/" name
			return out
		}

		# The folders on the host where a file lets its own needs be looked for, and (RPATH) those of what it needs. What the
		# site put into the jail may not send us to folders of its choice.
		function host_folders(file,    origin) {
			if (file ~ /^\.\/(static|lib\/python[^\/]*\/site-packages)\//) return ""
			origin = file ~ /^\.\// ? "" : folder_of(file)
			return runpath[file] != "" ? expanded(runpath[file], origin) : expanded(rpath[file], origin) handed_on[file]
		}

		function take(name, source, type, file,    folder) {
			folder = folder_of(source)
			if (!((type, folder) in searched)) folder = libc_folder[type]
			found[type, name] = folder "/" name
			if (runpath[file] == "") handed_on[source] = host_folders(file)
			add(folder "/" name, source)
			return 1
		}

		# Finds what a file needs, in the order of the loader: in the jail itself, then on the host. 0: nowhere.
		function resolve(name, file, type,    inside, parts, count, i) {
			if (name == name_of(loader[type])) return 1
			if (name ~ /\// || name ~ /\?/) return substr(name, 1, 1) == "/" && in_jail("." plain(name), type)
			inside = file ~ /^\.\//
			if (inside) {
				count = split(expanded(runpath[file] != "" ? runpath[file] : rpath[file], folder_of(substr(file, 2))), parts, ":")
				for (i = 2; i <= count; i++) if (in_jail("." parts[i] "/" name, type)) return 1
				if (name ~ /^libpython/ && in_jail("./lib/" name, type)) return 1
			}
			if ((type, name) in found) return 1
			count = split(host_folders(file), parts, ":")
			for (i = 2; i <= count; i++) if (elf(parts[i] "/" name) == type) return take(name, parts[i] "/" name, type, file)
			count = split(known(name, type), parts, "\n")
			for (i = 2; i <= count; i++) if (elf(parts[i]) == type) return take(name, parts[i], type, file)
			# Packages may load a library of theirs by its path before they load what needs it.
			return inside && ((type, name) in own)
		}

		function in_jail(path, type) { return (path in link) || ((path in present) && elf(path) == type) }

		function resolve_all(file, type,    names, count, i) {
			count = split(needed[file], names, "\n")
			for (i = 1; i <= count; i++) if (!resolve(names[i], file, type) && !((type, names[i]) in unresolved)) {
				unresolved[type, names[i]]
				print "unresolved\t" names[i] "\t" substr(file, file ~ /^\.\// ? 3 : 1)
			}
		}

		function resolve_extra(wanted,    i, type, done) {
			if (wanted ~ /^\//) {
				type = elf(wanted)
				if (type in loader) return take(soname[wanted] != "" ? name_of(soname[wanted]) : name_of(wanted), wanted, type, "")
				return 0
			}
			for (i = 1; i <= loader_count; i++) if (resolve(wanted, loader[loaders[i]], loaders[i])) done = 1
			return done
		}

		# What a traced program looked for: at that very path, or by a name that the host knows. What is gone from the host since
		# was not needed by a header, so nothing is unresolved without it.
		function resolve_traced(wanted,    type) {
			if (wanted !~ /^\//) { resolve_extra(wanted); return }
			type = elf(wanted)
			if (!(type in loader)) return
			add(wanted, wanted)
			if (((type, folder_of(wanted)) in searched) && !((type, name_of(wanted)) in found)) found[type, name_of(wanted)] = wanted
		}

		# What the manual procedure copies: every library in the folders of the loader.
		function add_all(type,    folders, count, i, command, line, real) {
			count = split(default_folders[type] ":" folder_of(loader[type]), folders, ":")
			for (i = 2; i <= count; i++) {
				command = "cd -P " quoted(folders[i]) " 2>/dev/null && pwd"
				real = ""
				command | getline real
				close(command)
				if (real == "" || (real in listed)) continue
				listed[real]
				command = "find -L " quoted(real) " -maxdepth 1 -type f \\( -name \"*.so\" -o -name \"*.so.*\" \\) -exec grep -l \"^$(printf \"\\177ELF\")\" {} +"
				while ((command | getline line) > 0) {
					line = folders[i] "/" name_of(line)
					if (!(line in source_of)) source_of[line] = line
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
			path = substr($0, index($0, "/") + 1)
			type = substr(path, 1, index(path, "/") - 1)
			path = substr(path, index(path, "/") + 1)
			if (type ~ /^symbolic/) link[path]
			else { present[path]; file[++files] = path }
		}

		END {
			for (i = 1; i <= files; i++) {
				type = elf(file[i])
				if (type != "" && !((type, name_of(file[i])) in own)) own[type, name_of(file[i])]
				if (file[i] ~ /^\.\/(lib\/[^\/]+\/\.program\/)?bin\// && interpreter[file[i]] != "") know_loader(file[i])
			}
			if (!loader_count) problem("no-python", "nothing in the bin folder of the jail needs a loader: there is no python yet", "let PythonBuild come first (`dependsOn`)")

			version = libc_version(source_of[libc_folder[loaders[1]] "/libc.so.6"])
			split(version, parts, ".")
			if (parts[1] == 2 && parts[2] + 0 < 34) ENVIRON["ALWAYS"] = ENVIRON["ALWAYS"] " " ENVIRON["OLD"]
			count = split(ENVIRON["ALWAYS"], names, " ")
			for (i = 1; i <= count; i++) resolve_extra(names[i])
			count = split(ENVIRON["EXTRA"], names, "\n")
			for (i = 1; i <= count; i++) if (!resolve_extra(names[i])) print "unresolved\t" names[i] "\t`extra`"

			count = split(ENVIRON["TRACED"], names, "\n")
			for (i = 1; i <= count; i++) resolve_traced(names[i])

			# Files for which the jail has no loader cannot be started in it: nobody needs their libraries.
			for (i = 1; i <= files; i++) if (abi[file[i]] in loader) resolve_all(file[i], abi[file[i]])
			for (i = 1; i <= queued; i++) resolve_all(queue[i], elf(queue[i]))
			if (ENVIRON["MODE"] == "all") for (i = 1; i <= loader_count; i++) add_all(loaders[i])

			for (path in source_of) print "library\t" substr(path, 2) "\t" source_of[path] | "LC_ALL=C sort"
			close("LC_ALL=C sort")
			print "loader\t" loader[loaders[1]]
			print "libc\tglibc " version
		}
	'
}
