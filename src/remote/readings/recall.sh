# Gives answers again that the host has kept (keep.sh), while nothing that they depend on has changed.
# uses: readings/fingerprint.sh

# recall KEY JAIL RECORDS MINUTES [FOLLOWED...]: prints the kept answer, and leaves 0 in $code; `unknown` where there is none, or one that
# holds no more. MINUTES: how old it may be; 0 for any age.
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
		# No answer is long, and a program takes longer than this.
		while IFS= read -r recalled_line; do printf '%s\n' "$recalled_line" >&3; done
	} <"$recalled"
	code=0
}
