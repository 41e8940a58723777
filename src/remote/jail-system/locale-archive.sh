# Read locales from the host's locale-archive. Its format is in glibc's locale/locarchive.h. All numbers in it have 4
# bytes, in the byte order of the host.

# unpack_locale ARCHIVE NAME DIRECTORY: unpacks a locale to a directory, as the files that localedef would have made.
# Returns 1 if the archive does not have the locale.
unpack_locale() {
	[ -n "$(find -L "$1" -type f -perm -0004 2>/dev/null)" ] && [ "$(archive_numbers "$1" 0 1)" = 3724673289 ] || return 1
	# shellcheck disable=SC2046  # numbers
	set -- "$1" "$2" "$3" $(archive_numbers "$1" 8 3)
	archive_record=$(archive_numbers "$1" "$4" "$((3 * $6))" | NAME=$2 awk '
		# Returns the 32-bit hash of a name.
		function hash(name,    i, value) {
			for (i = 0; i < 256; i++) byte[sprintf("%c", i)] = i
			value = length(name)
			for (i = 1; i <= length(name); i++) value = (value * 512 % 4294967296 + int(value / 8388608) + byte[substr(name, i, 1)]) % 4294967296
			return value
		}
		BEGIN { wanted = hash(ENVIRON["NAME"]) }
		{ number[NR % 3] = $1 }
		NR % 3 == 0 && number[1] == wanted && number[0] > 0 { print number[0]; exit }
	')
	[ -n "$archive_record" ] || return 1
	mkdir -p "$3/LC_MESSAGES"
	archive_numbers "$1" "$((archive_record + 4))" 26 | awk '
		BEGIN { split("CTYPE NUMERIC TIME COLLATE MONETARY MESSAGES - PAPER NAME ADDRESS TELEPHONE MEASUREMENT IDENTIFICATION", category, " ") }
		NR % 2 { offset = $1; next }
		category[NR / 2] != "-" { print offset, $1, "LC_" (category[NR / 2] == "MESSAGES" ? "MESSAGES/SYS_LC_MESSAGES" : category[NR / 2]) }
	' | while read -r archive_offset archive_size archive_file; do
		tail -c "+$((archive_offset + 1))" "$1" 2>/dev/null | head -c "$archive_size" >"$3/$archive_file"
	done
}

# archive_numbers ARCHIVE OFFSET COUNT: prints numbers of an archive, one a line.
archive_numbers() {
	od -A n -v -t u4 -j "$2" -N "$((4 * $3))" "$1" | tr -s ' ' '\n' | sed '/^$/d'
}
