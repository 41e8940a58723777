# Texts as words of printable ASCII (vis.ts).

# unvis WORD: prints the text. printf knows these words as formats.
unvis() {
	# shellcheck disable=SC2059
	printf -- "$1"
}

# list_lines LIST: the items of a list, each ended by a line break. Their own line breaks end them too.
list_lines() {
	printf '%s' "$1" | while IFS= read -r list_item; do
		unvis "$list_item"
		printf '\n'
	done
}

# list_words LIST: the same for words, which need no encoding: parted by spaces.
list_words() {
	printf '%s' "$1" | tr '\n' ' '
}
