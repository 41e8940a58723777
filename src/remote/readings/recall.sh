# Return answers that the host has kept (keep.sh), if nothing that they depend on has changed.
# uses: readings/fingerprint.sh

# recall KEY JAIL RECORDS MINUTES [FOLLOWED...]: prints the kept answer and sets $code to 0. Sets it to `unknown` if
# there is no answer, or it no longer holds. MINUTES is the maximum age of the answer; 0 means any age.
recall() {
	code=unknown
	recalled=$3/readings/$1
	[ -f "$recalled" ] || return 0
	if [ "$4" != 0 ] && [ -z "$(find "$recalled" -mmin "-$4")" ]; then return 0; fi
	recall_jail=$2 recall_records=$3
	shift 4
	state_of "$recall_jail" "$recall_records" "$@"
	{
		IFS= read -r recalled_state || return 0
		[ "$recalled_state" = "$state" ] || return 0
		# Answers are short, so this loop is faster than starting a program.
		while IFS= read -r recalled_line; do printf '%s\n' "$recalled_line" >&3; done
	} <"$recalled"
	code=0
}
