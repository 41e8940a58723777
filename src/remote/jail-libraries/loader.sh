# Awk functions that find the libraries of a program or library in the jail, as the loader does. They run no loader;
# the ELF headers (elf.sh) are enough. A place is an absolute path as a process in the jail sees it (`/bin/python3`).
# Its file is the path at which we read it (`./bin/python3`). The caller sets
#   present[FILE], link[PLACE]   the files and symlinks of the jail; the value of a symlink is its target
#   assumed[PLACE]               a symlink that counts as any library, whatever its target is
#   source_of[PLACE]             the host's file that is to be copied to the place
# and defines
#   from_host(NAME, PLACE)       finds a library on the host that the file at a place needs and the jail lacks: returns
#                                the place of its copy, or ""
#   missing(NAME, PLACE)         reports a library that is found nowhere
# uses: jail-libraries/elf.sh

# shellcheck disable=SC2016  # it is the loader that expands $ORIGIN
loader_search='
	function directory_of(path) { sub(/\/[^\/]*$/, "", path); return path }
	function name_of(path) { sub(/^.*\//, "", path); return path }

	# Whether a place is that of a program of CPython, in the jail bin directory or where PythonBuild keeps it.
	function is_program(place) { return place ~ /^\/(lib\/[^\/]+\/\.program\/)?bin\// }
	function is_of_site(place) { return place ~ /^\/(static|lib\/python[^\/]*\/site-packages)\// }

	# Returns the directories, each after a `:`, that are searched for a file before the default ones: its RUNPATH, or
	# else its RPATH and the inherited ones. `origin` is the directory of the file; if it is empty, leaves out
	# directories that depend on it. Cuts off a very long list, because anybody may have made the file.
	function search_of(file, origin, inherited,    parts, count, i, out) {
		count = split(runpath[file] != "" ? runpath[file] : rpath[file] inherited, parts, ":")
		for (i = 1; i <= count && i <= 200 && length(out) < 8192; i++) {
			if (origin != "" && parts[i] ~ /^\$(ORIGIN|[{]ORIGIN[}])(\/|$)/) sub(/^\$(ORIGIN|[{]ORIGIN[}])/, origin, parts[i])
			if (parts[i] ~ /^\/[^$]*$/) out = out ":" parts[i]
		}
		return out
	}

	# Returns the directories, each after a `:`, that a loader searches by default. They are texts in the loader.
	function directories_in_loader(path,    command, line, seen, out) {
		command = "tr \"\\000\" \"\\n\" <" quoted(path)
		while ((command | getline line) > 0) {
			if (line ~ /^(\/usr)?\/lib[a-z0-9]*\/([^\/]+\/)?$/ && !(line in seen) && length(out) < 8192) {
				seen[line]
				out = out ":" directory_of(line)
			}
		}
		close(command)
		return out
	}

	# Resolves symlinks, "." and ".." of a path, as a process in the jail would. Returns "" if the symlinks form a loop.
	function real(path,    at, part, hops) {
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
		return at
	}

	function file_at(place) {
		place = real(place)
		if (place in source_of) return source_of[place]
		return ("." place) in present ? "." place : ""
	}

	# Whether a program or library of an ABI is at a place in the jail, or at a path on the host.
	function holds(path, type, on_host) { return on_host ? elf(path) == type : (real(path) in assumed) || elf(file_at(path)) == type }

	# Returns the first path of a library in directories (each after a `:`), in the jail or on the host; "" if there
	# is none.
	function first(directories, name, type, on_host,    parts, count, i) {
		count = split(directories, parts, ":")
		for (i = 2; i <= count; i++) if (holds(parts[i] "/" name, type, on_host)) return parts[i] "/" name
		return ""
	}

	# Makes the interpreter of a program the loader for all files of its ABI. Returns 0 if it is not in the jail.
	function know_loader(file,    path, type) {
		path = interpreter[file]
		type = abi[file]
		if (!holds(path, type)) return 0
		if (type in loader) return 1
		loader[type] = path
		loaders[++loader_count] = type
		default_directories[type] = directories_in_loader(file_at(path))
		return 1
	}

	# Queues a place, whose libraries are then found by find_all. It inherits the RPATH of the first file that needs it.
	function reach(place, inherited) {
		# Symlinks can give a directory any number of paths. Resolve them, so that each place is queued once.
		place = real(directory_of(place)) "/" name_of(place)
		if (place in reached) return
		reached[place]
		queue[++queued] = place
		handed_on[place] = inherited
	}

	# Queues a program or library of the jail. Returns its file; "" if it is neither.
	function begin(place,    file) {
		file = file_at(place)
		if (elf(file) == "") return ""
		own[abi[file], name_of(place)]
		reach(place)
		return file
	}

	# Finds a library that the file at a place needs, in the order of the loader. Returns its place; "" if there is
	# none.
	function find(name, place,    file, type, search, found) {
		file = file_at(place)
		type = abi[file]
		search = search_of(file, directory_of(place), handed_on[place])
		if (name == name_of(loader[type])) found = loader[type]
		else if (name ~ /[\/?]/) found = name ~ /^\// && holds(name, type) ? name : ""
		else if ((found = first(search default_directories[type], name, type)) == "") found = from_host(name, place)
		if (found != "") reach(found, runpath[file] == "" ? search : "")
		return found
	}

	# Finds the libraries of all files in the queue, and the libraries of these.
	function find_all(    i, j, type, names, count) {
		for (i = 1; i <= queued; i++) {
			type = elf(file_at(queue[i]))
			# A file without a loader in the jail cannot be started there, so it needs no libraries.
			count = type in loader ? split(needed[file_at(queue[i])], names, "\n") : 0
			for (j = 1; j <= count; j++) {
				if (find(names[j], queue[i]) != "") continue
				# A package may load its own library by path before it loads a file that needs it.
				if (!(is_of_site(queue[i]) && ((type, names[j]) in own))) missing(names[j], queue[i])
			}
		}
	}
'
