# read.sh ($jail $records $closure_is $leaving $mode $tracing "$@"): answers which libraries differ from those that the
# jail's programs need and the host has.
# uses: compare.sh jail-libraries/libraries.sh jail.sh manifest-part.sh manifest.sh

# libraries_that_differ: prints `PLACE STATE` of each library that differs. STATE is one of compare.sh, or other-set.
libraries_that_differ() {
	awk -F "$tab" -v OFS="$tab" -v current="$sets/current" -v set="$sets/$in_use/" '
		function in_set(path) { return index(path, set) == 1 }
		function place_of(path) { return substr(path, length(set) + 1) }
		function state_of(place) {
			if (!(place in had)) return place in there ? "other" : "missing"
			if (file[place] ~ /^(missing|bent)$/ || link[place] ~ /^(missing|bent)$/) return "missing"
			if (file[place] ~ /^(no-file|directory)$/) return "no-file"
			if (file[place] != "ok") return file[place] == "read" ? "read" : "altered"
			if (link[place] != "ok") return "no-link"
			if (wanted[place] == "") return "read"
			return wanted[place] == had[place] ? "ok" : "stale"
		}
		pass == "there" { there[$4]; next }
		pass == "states" && $1 == current { if ($2 != "ok") print current, "other-set"; next }
		pass == "states" && in_set($1) { file[place_of($1)] = $2; next }
		pass == "states" { link[$1] = $2; next }
		pass == "recorded" { if ($1 == "file" && in_set($4)) had[place_of($4)] = $2; next }
		{ wanted[$4] = $3 }
		END {
			for (place in wanted) if ((state = state_of(place)) != "ok") print place, state
			for (place in had) if (!(place in wanted)) print place, "unneeded"
		}
	' pass=there "$lists/planned" pass=states "$lists/states" pass=recorded "$lists/recorded" pass=sources "$lists/sources.now" | sort
}

open_jail_if_there || return 0
list_libraries "$@"
if ! is_recorded; then
	answer made no
	return 0
fi
answer made yes
answer_libraries
if [ -s "$lists/problem" ]; then
	answer problem "$(cut -f 2 "$lists/problem")"
	return 0
fi
grep -v '^dir' "$lists/recorded" >"$lists/wanted"
compare "$lists/wanted"
# Another file may be at a place where a wanted library was not yet put.
: >"$lists/planned"
[ ! -f "$lists/closure" ] || cut -f 4 "$lists/sources.now" | stat_paths >"$lists/planned"
answer_bent
head -n 5 "$lists/unresolved" | while IFS=$tab read -r name file; do answer unresolved "$(one_line "$name")" "$(one_line "$file")"; done
libraries_that_differ >"$lists/differing"
head -n 5 "$lists/differing" | while IFS=$tab read -r place state; do answer differs "$place" "$state"; done
answer differing "$(($(wc -l <"$lists/differing") + $(wc -l <"$lists/unresolved")))"
