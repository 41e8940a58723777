# Read the ELF headers of programs and libraries with od and awk. The host needs neither a compiler nor binutils, and no
# program of the jail is run. The functions work in any POSIX awk (mawk, gawk, busybox's).

elf_reader='
	BEGIN { for (code = 0; code < 256; code++) character[code] = code > 31 && code < 127 ? sprintf("%c", code) : "?" }

	function quoted(text,    parts, count, i, out) {
		count = split(text, parts, "\047")
		out = parts[1]
		for (i = 2; i <= count; i++) out = out "\047\\\047\047" parts[i]
		return "\047" out "\047"
	}

	# Reads a range of a file into byte[0] to byte[filled - 1]. Sets base to its offset.
	function read_range(file, from, count,    command, line, parts, parts_count, i) {
		base = from
		filled = 0
		# Read regular files only: a FIFO without a writer would block.
		command = "[ -f " quoted(file) " ] && " sprintf("od -An -v -tu1 -j %.0f -N %.0f ", from, count) quoted(file) " 2>/dev/null"
		while ((command | getline line) > 0) {
			parts_count = split(line, parts, " ")
			for (i = 1; i <= parts_count; i++) byte[filled++] = parts[i] + 0
		}
		close(command)
	}

	# Returns the unsigned number in the bytes at an index of byte[]; 0 if they are not within the range that was read.
	function number(at, size,    i, value) {
		if (at < 0 || at + size > filled) return 0
		for (i = 0; i < size; i++) value = value * 256 + byte[at + (little ? size - 1 - i : i)]
		return value + 0
	}

	# Returns the text at an offset of a file, up to its NUL. Reads the file again if the text is not wholly in byte[].
	function text_at(file, from, longest,    i, text) {
		if (longest || from < base || from >= base + filled) read_range(file, from, longest ? longest : 256)
		for (i = from - base; i < filled && byte[i]; i++) text = text character[byte[i]]
		return longest || i < filled ? text "" : text_at(file, from, 8192)
	}

	# Parses the headers of a file, once. Sets interpreter, soname, rpath, runpath and needed (names separated by line
	# breaks) of the file. Returns its ABI (class, byte order and machine: "2 1 62" is x86-64), or "" if it is not a
	# program or library.
	function elf(file,    word, table, size, count, i, at, kind, segments, start, address, length_of, dynamic, dynamic_size, program, tag, value, strings, places, tags, low, high) {
		if (file in abi) return abi[file]
		abi[file] = interpreter[file] = soname[file] = rpath[file] = runpath[file] = needed[file] = ""
		read_range(file, 0, 1024)
		if (filled < 52 || byte[0] != 127 || byte[1] != 69 || byte[2] != 76 || byte[3] != 70) return ""
		if (byte[4] < 1 || byte[4] > 2 || byte[5] < 1 || byte[5] > 2) return ""
		little = byte[5] == 1
		word = byte[4] * 4
		kind = number(16, 2)
		if (kind != 2 && kind != 3) return ""
		abi[file] = byte[4] " " byte[5] " " number(18, 2)

		table = number(word == 8 ? 32 : 28, word)
		size = number(word == 8 ? 54 : 42, 2)
		count = number(word == 8 ? 56 : 44, 2)
		# Anybody may have made this file, so limit the work that its headers can cause.
		if (size != (word == 8 ? 56 : 32) || count > 512) return abi[file]
		if (table + size * count > filled) read_range(file, table, size * count)
		for (i = 0; i < count; i++) {
			at = table - base + size * i
			kind = number(at, 4)
			if (kind == 1) {
				start[++segments] = number(at + word, word)
				address[segments] = number(at + 2 * word, word)
				length_of[segments] = number(at + 4 * word, word)
			} else if (kind == 2) {
				dynamic = number(at + word, word)
				dynamic_size = number(at + 4 * word, word)
			} else if (kind == 3) program = number(at + word, word)
		}
		if (program) interpreter[file] = text_at(file, program)
		if (!dynamic) return abi[file]

		read_range(file, dynamic, dynamic_size < 65536 ? dynamic_size : 65536)
		count = 0
		for (at = 0; at < filled; at += 2 * word) {
			tag = number(at, word)
			value = number(at + word, word)
			if (tag == 0 || count == 512) break
			if (tag == 5) strings = value
			else if (tag == 1 || tag == 14 || tag == 15 || tag == 29) { tags[++count] = tag; places[count] = value }
		}
		# The header has the memory address of the string table. The segments map it to an offset in the file.
		for (i = 1; i <= segments; i++) if (strings >= address[i] && strings < address[i] + length_of[i]) { strings += start[i] - address[i]; break }
		for (i = 1; i <= count; i++) {
			if (i == 1 || places[i] < low) low = places[i]
			if (i == 1 || places[i] > high) high = places[i]
		}
		if (count > 1 && high - low < 4096) read_range(file, strings + low, high - low + 64)
		for (i = 1; i <= count; i++) {
			value = text_at(file, strings + places[i])
			if (tags[i] == 1) needed[file] = needed[file] (needed[file] == "" ? "" : "\n") value
			else if (tags[i] == 14) soname[file] = value
			else if (tags[i] == 15) rpath[file] = value
			else runpath[file] = value
		}
		return abi[file]
	}
'
