# Keep answers on the host, for recall.sh. $records/readings/KEY has the state that an answer depends on, and the
# answer.
# uses: readings/fingerprint.sh

# begin_keeping: makes a directory for the answers until the end of the step. If that fails, nothing is kept.
begin_keeping() {
	keep_work=$(temporary_directory) || keep_work=
	[ -z "$keep_work" ] || trap 'rm -rf "$keep_work"' EXIT
}

# keep_place NUMBER JAIL RECORDS: saves the state of a jail. Call before the first reading of the jail.
keep_place() {
	if [ -z "$keep_work" ] || [ ! -d "$3" ]; then return 0; fi
	# JailRoot makes this directory; that of an older release did not.
	[ -d "$3/readings" ] || mkdir -m 0700 "$3/readings" || return 0
	state_of "$2" "$3"
	{ printf '%s\n' "$state_digest" >"$keep_work/before.$1" && mkdir "$keep_work/answers.$1"; } || rm -f "$keep_work/before.$1"
}

# keep NUMBER KEY JAIL RECORDS [FOLLOWED...]: runs `reading` and sets $code to its exit code. end_place keeps the
# answer, unless `reading` failed or called do_not_keep.
keep() {
	if [ -n "$keep_work" ] && [ -f "$keep_work/before.$1" ]; then
		keep_answer=$keep_work/answers.$1/$2
		shift 2
		[ ! -e "$keep_work/transient" ] || rm -f "$keep_work/transient"
		state_of "$@"
		if printf '%s\n' "$state" >"$keep_answer"; then
			reading 3>>"$keep_answer"
			code=$?
			# The first line is the state; the answer follows it.
			if [ "$code" = 0 ] && tail -n +2 "$keep_answer" >&3; then
				[ ! -e "$keep_work/transient" ] || rm -f "$keep_answer"
				return
			fi
		fi
		rm -f "$keep_answer"
	fi
	# Nothing can be kept, the reading failed, or the disk for temporary files is full: read without keeping.
	reading
	code=$?
}

# end_place NUMBER JAIL RECORDS: keeps the answers about a jail, if nothing has changed during the readings or in the 2
# seconds before: two changes within one tick of the clock have the same change time. The control machine (batch.ts)
# ignores an answer that is cut short.
end_place() {
	if [ -z "$keep_work" ] || [ ! -f "$keep_work/before.$1" ]; then return 0; fi
	(sources_of_readings "$2" "$3") >"$keep_work/sources" 2>&1
	keep_digest=$(sha256sum <"$keep_work/sources")
	keep_digest=${keep_digest%% *}
	IFS= read -r keep_before <"$keep_work/before.$1" && [ "$keep_digest" = "$keep_before" ] || return 0
	NOW=$(date +%s) awk '$NF ~ /^[0-9]+(\.[0-9]+)?$/ && $NF > newest { newest = $NF } END { exit newest + 2 > ENVIRON["NOW"] + 0 }' "$keep_work/sources" || return 0
	# Answers of other states are useless from now on.
	for keep_old in "$3"/readings/*; do
		[ -f "$keep_old" ] || continue
		IFS= read -r keep_state <"$keep_old" || :
		case $keep_state in
		"$keep_digest"*) ;;
		*) rm -f "$keep_old" ;;
		esac
	done
	set -- "$3/readings" "$keep_work/answers.$1"/*
	keep_to=$1
	shift
	if [ -f "$1" ] && ! cp -- "$@" "$keep_to"; then rm -f "$keep_to"/*; fi
}
