# Encode texts as words of printable ASCII (vis.ts).

# An awk function: vis(TEXT) encodes a text.
# shellcheck disable=SC2016  # awk's
vis_writer='
	function vis(text,    i, character, words) {
		if (text !~ /[^!-~]|[#%*?[\\]/) return text
		if (!("a" in vis_of)) {
			for (i = 1; i < 256; i++) {
				character = sprintf("%c", i)
				vis_of[character] = i > 32 && i < 127 && index("#%*?[\\", character) == 0 ? character : sprintf("\\%03o", i)
			}
		}
		for (i = 1; i <= length(text); i++) words = words vis_of[substr(text, i, 1)]
		return words
	}
'

# vis_lines: encodes the lines on standard input.
vis_lines() {
	awk "$vis_writer"'{ print vis($0) }'
}

# unvis WORD: prints the decoded text. The encoding is a format of printf.
unvis() {
	# shellcheck disable=SC2059
	printf -- "$1"
}

# list_lines LIST: prints the items of a list, each followed by a line break. A line break in an item ends it, too.
list_lines() {
	printf '%s' "$1" | while IFS= read -r list_item; do
		unvis "$list_item"
		printf '\n'
	done
}

# list_words LIST: prints the items of a list of words that need no encoding, separated by spaces.
list_words() {
	printf '%s' "$1" | tr '\n' ' '
}
