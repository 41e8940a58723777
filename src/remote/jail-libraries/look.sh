# The libraries in the jail against what they should be. $records/libraries/ has
#   owned    every path that we put there, also by a run that was cut off
#   index    destination, source, sha256, stat of the destination, stat of the source: where both still hold, nothing is read
#   about    the loaders and the libc of the closure
#   inputs   what the closure was computed from: options, the host's cache, the jail's programs; written last

open_libraries() {
	libraries=$records/libraries
	look=$(mktemp -d)
	trap 'rm -rf "$look"' EXIT
}

# stat_paths [-L]: `STAT PATH` of the paths on standard input, as far as they are there.
stat_paths() {
	tr '\n' '\0' | xargs -0 stat "$@" -c "%i %s %z %F$tab%n" -- 2>/dev/null || :
}

# look_at_libraries MODE [EXTRA…]: leaves in $look
#   inputs, about, plan (`DESTINATION SOURCE`), sources (their stats), unresolved, problem
#   states   `DESTINATION SOURCE STATE` of the plan and of what is in use beyond it: ok, missing, altered, stale, other,
#            no-file, unneeded
#   read     what had to be read; empty where the index held for all
look_at_libraries() {
	cd -P "$jail" || exit 1
	list_programs >"$look/programs"
	{
		printf '%s\n' "$@"
		stat -L -c '%i %s %Y' /etc/ld.so.cache 2>/dev/null || :
		cat "$look/programs"
	} >"$look/inputs"
	cat "$libraries/index" 2>/dev/null >"$look/index" || :
	cut -f 2 "$look/index" | stat_paths -L >"$look/sources"
	: >"$look/unresolved"
	: >"$look/problem"
	if cmp -s "$look/inputs" "$libraries/inputs" && sources_hold; then
		cut -f 1,2 "$look/index" >"$look/plan"
		cat "$libraries/about" >"$look/about"
	else
		closure "$@" <"$look/programs" >"$look/closure"
		for part in unresolved problem; do sed -n "s/^$part$tab//p" "$look/closure" >"$look/$part"; done
		sed -n "s/^library$tab//p" "$look/closure" >"$look/plan"
		grep -E '^(loader|libc)' "$look/closure" >"$look/about" || :
		cut -f 2 "$look/plan" | stat_paths -L >"$look/sources"
	fi
	look_at_places
	: >"$look/hashes"
	judge >"$look/doubtful"
	awk -F "$tab" '$3 == "read" { print "./" $1; print $2 }' "$look/doubtful" >"$look/read"
	if [ -s "$look/read" ]; then tr '\n' '\0' <"$look/read" | xargs -0 sha256sum -- >"$look/hashes" || :; fi
	judge >"$look/states"
}

sources_hold() {
	awk -F "$tab" '
		pass == 1 { stat[$2] = $1; next }
		stat[$2] != $5 { differs = 1; exit }
		END { exit differs }
	' pass=1 "$look/sources" pass=2 "$look/index"
}

# What stands at each destination. Nothing is looked at through a link: folders that are none are left out and named.
look_at_places() {
	: >"$look/bent"
	: >"$look/folders"
	cat "$look/plan" "$look/index" | sed "s|/[^/$tab]*$tab.*||" | sort -u | while read -r folder; do
		status=0
		(go_to "$folder") || status=$?
		case $status in
		0) printf '%s\n' "$folder" >>"$look/folders" ;;
		2) printf '%s\n' "$folder" >>"$look/bent" ;;
		esac
	done
	awk -F "$tab" '
		pass == 1 { there[$0]; next }
		{ folder = $1; sub(/\/[^\/]*$/, "", folder) }
		folder in there { print "./" $1 }
	' pass=1 "$look/folders" pass=2 "$look/plan" | stat_paths >"$look/places"
}

# The state of each library: `read` where only its content can tell and was not read yet.
judge() {
	awk -F "$tab" -v OFS="$tab" '
		pass == "sources" { source_stat[$2] = $1; next }
		pass == "places" { place_stat[substr($2, 3)] = $1; next }
		pass == "hashes" { hash[substr($0, 67)] = substr($0, 1, 64); next }
		pass == "index" { indexed[$1] = $3; known[$1] = $2 FS $4 FS $5; next }
		{ planned[$1] }
		!($1 in place_stat) { print $1, $2, "missing"; next }
		place_stat[$1] !~ /regular/ { print $1, $2, "no-file"; next }
		known[$1] == $2 FS place_stat[$1] FS source_stat[$2] || (("./" $1) in hash) && hash["./" $1] == hash[$2] { print $1, $2, "ok"; next }
		!(("./" $1) in hash) { print $1, $2, "read"; next }
		!($1 in indexed) { print $1, $2, "other"; next }
		{ print $1, $2, (hash["./" $1] == indexed[$1] ? "stale" : "altered") }
		END { for (place in indexed) if (!(place in planned)) print place, "-", "unneeded" }
	' pass=sources "$look/sources" pass=places "$look/places" pass=hashes "$look/hashes" pass=index "$look/index" pass=plan "$look/plan" | LC_ALL=C sort
}

answer_facts() {
	answer count "$(wc -l <"$libraries/index" | tr -d ' ')"
	answer digest "$(cut -f 1,3 "$libraries/index" | sha256sum | cut -c 1-16)"
	while IFS=$tab read -r what value; do answer "$what" "$value"; done <"$libraries/about"
}
