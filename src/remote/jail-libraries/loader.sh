# How the loader finds what a program or library of the jail needs, as functions for awk. No loader is run: what files say of
# themselves (elf.sh) is enough. A place is an absolute path as a process in the jail sees it (`/bin/python3`); its file is the
# path at which we read what is there (`./bin/python3`). A question about the jail sets
#   present[FILE], link[PLACE]   the files and symlinks of the jail; a link's value is where it leads
#   assumed[PLACE]               a symlink that counts as any library, wherever it leads
#   source_of[PLACE]             the host's file that is to be copied there
# and defines
#   from_host(NAME, PLACE)       asks the host for what the jail lacks for the file at a place: its place as a copy, or ""
#   missing(NAME, PLACE)         says what is found nowhere
# uses: jail-libraries/elf.sh

# shellcheck disable=SC2016  # it is the loader that expands $ORIGIN
loader_search='
	function directory_of(path) { sub(/\/[^\/]*$/, "", path); return path }
	function name_of(path) { sub(/^.*\//, "", path); return path }

	# What CPython is started by, in the jail itself or as PythonBuild keeps it.
	function is_program(place) { return place ~ /^\/(lib\/[^\/]+\/\.program\/)?bin\// }
	function is_of_site(place) { return place ~ /^\/(static|lib\/python[^\/]*\/site-packages)\// }

	# The directories, `:` before each, that a file has searched before those of the loader: its RUNPATH, or else its RPATH and
	# what it inherits. `origin` is the directory of the file; without one, only what does not depend on it. Anybody may have
	# made the file: what is very long is cut off.
	function search_of(file, origin, inherited,    parts, count, i, out) {
		count = split(runpath[file] != "" ? runpath[file] : rpath[file] inherited, parts, ":")
		for (i = 1; i <= count && i <= 200 && length(out) < 8192; i++) {
			if (origin != "" && parts[i] ~ /^\$(ORIGIN|[{]ORIGIN[}])(\/|$)/) sub(/^\$(ORIGIN|[{]ORIGIN[}])/, origin, parts[i])
			if (parts[i] ~ /^\/[^$]*$/) out = out ":" parts[i]
		}
		return out
	}

	# The directories, `:` before each, that a loader searches by default: they are texts in it.
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

	# A path in the jail without links, "." and "..", as a process in the jail would walk it. "": it goes round in a circle.
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

	# Whether there is a program or library of an ABI: at a place in the jail, or at a path on the host.
	function holds(path, type, on_host) { return on_host ? elf(path) == type : (real(path) in assumed) || elf(file_at(path)) == type }

	# The first path to a library in directories (`:` before each), in the jail or on the host.
	function first(directories, name, type, on_host,    parts, count, i) {
		count = split(directories, parts, ":")
		for (i = 2; i <= count; i++) if (holds(parts[i] "/" name, type, on_host)) return parts[i] "/" name
		return ""
	}

	# Makes the interpreter of a program the loader for all files of its ABI. 0: it is not in the jail.
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

	# Puts a place into the queue of those whose needs are to be found. What asked for it first hands its RPATH on to it.
	function reach(place, inherited) {
		# Of the ways to a directory through links, of which there may be any number, one is enough.
		place = real(directory_of(place)) "/" name_of(place)
		if (place in reached) return
		reached[place]
		queue[++queued] = place
		handed_on[place] = inherited
	}

	# Begins with a program or library of the jail. Returns its file; "" if it is none.
	function begin(place,    file) {
		file = file_at(place)
		if (elf(file) == "") return ""
		own[abi[file], name_of(place)]
		reach(place)
		return file
	}

	# Finds what the file at a place needs, in the order of the loader. Returns its place; "" if there is none.
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

	# Finds all that is needed by what is in the queue, and what that needs in turn.
	function find_all(    i, j, type, names, count) {
		for (i = 1; i <= queued; i++) {
			type = elf(file_at(queue[i]))
			# What the jail has no loader for cannot be started in it: nobody needs its libraries.
			count = type in loader ? split(needed[file_at(queue[i])], names, "\n") : 0
			for (j = 1; j <= count; j++) {
				if (find(names[j], queue[i]) != "") continue
				# Packages may load a library of theirs by its path before they load what needs it.
				if (!(is_of_site(queue[i]) && ((type, names[j]) in own))) missing(names[j], queue[i])
			}
		}
	}
'
