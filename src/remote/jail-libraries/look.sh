# The libraries in the jail against what they should be.
#
# In the jail
#   .libraries/SET/PLACE   the libraries of one closure, each at the path where the loader looks, below a folder whose name
#                          says their content: another content is another set, and what stands in a set never changes
#   .libraries/current     a link to the set in use: one rename of it exchanges all libraries at once
#   PLACE                  where the loader looks: a link through .libraries/current. All links are relative, so that they
#                          lead to the same file from inside the jail and from outside
#
# In $records/libraries
#   owned    every path that we put into the jail, also by a run that was cut off
#   index    place, source, sha256, stat of the link, of the library and of the source: where these hold, nothing is read
#   about    the loaders and the libc of the closure
#   traced   libraries that traced commands looked for (trace.sh)
#   inputs   what the closure was computed from, and by what: $closure_is (the digest of the program that does), options, the host's
#            cache, the jail's programs; written last
# uses: jail-libraries/closure.sh listing.sh

sets=.libraries

open_libraries() {
	libraries=$records/libraries
	look=$(temporary_folder)
	trap 'rm -rf "$look"' EXIT
}

# stat_paths [-L]: `STAT PATH` of the paths on standard input, as far as they are there.
stat_paths() {
	tr '\n' '\0' | xargs -0 stat "$@" -c "%i %s %z %F$tab%n" -- 2>/dev/null || :
}

# sum_paths: `SHA256  PATH` of the paths on standard input, as far as they can be read.
sum_paths() {
	tr '\n' '\0' | xargs -0 -r sha256sum -- || :
}

# set_name: the name of the set whose lines `PLACE SHA256` are on standard input.
set_name() {
	LC_ALL=C sort | sha256sum | cut -c 1-16
}

# The folders of the paths on standard input, and the folders of those.
folders_of() {
	awk '{ while (sub(/\/[^\/]*$/, "")) if (!seen[$0]++) print }'
}

# link_text PLACE: what a link there says: from its folder up to the jail's, and down into the set in use.
link_text() {
	printf '%s' "$1" | sed "s|[^/]*/|../|g; s|[^/]*\$|$sets/current/|"
	printf '%s' "$1"
}

# The paths of what is not declared any more ($leaving: a list of `packages`, `files`). The engine has it removed when all else is done: what its
# programs need would stay behind.
list_leaving() {
	# shellcheck disable=SC2154  # the step's
	for left in $leaving; do
		case $left in
		packages) cat "$records/packages/owned" 2>/dev/null || : ;;
		files) cat "$records"/files/*/owned 2>/dev/null || : ;;
		esac
	done
}

# look_at_libraries [EXTRA…]: with $mode and $tracing, leaves in $look
#   inputs, about, plan (`PLACE SOURCE`), sources (their stats), unresolved, problem
#   wanted   `PLACE SOURCE SHA256`, as far as the source can be read
#   states   `PLACE SOURCE STATE` of the plan and of what is in use beyond it: ok, missing, altered, stale, other, no-file,
#            no-link, unneeded, read
#   bent     folders on the way that are links or none
#   read     what had to be read; empty where the index held for all
# and in $in_use the set that should be in use, empty where there is none yet.
look_at_libraries() {
	cd -P "$jail" || exit 1
	unless_gone list_programs >"$look/programs-there"
	list_leaving >"$look/leaving"
	awk 'pass == 1 { leaving[$0]; next } { path = $0; sub(/^[^\/]*\/[^\/]*\/\.\//, "", path) } !(path in leaving)' pass=1 "$look/leaving" pass=2 "$look/programs-there" >"$look/programs"
	: >"$look/traced"
	# shellcheck disable=SC2154  # the step's
	if [ "$tracing" = yes ]; then cat "$libraries/traced" 2>/dev/null >"$look/traced" || :; fi
	{
		# shellcheck disable=SC2154  # the step's
		printf '%s\n' "$closure_is" "$mode" "$tracing" "$@"
		cat "$look/traced"
		stat -L -c '%i %s %Y' /etc/ld.so.cache 2>/dev/null || :
		cat "$look/programs"
	} >"$look/inputs"
	cat "$libraries/index" 2>/dev/null >"$look/index" || :
	in_use=
	if [ -s "$look/index" ]; then in_use=$(cut -f 1,3 "$look/index" | set_name); fi
	cut -f 2 "$look/index" | stat_paths -L >"$look/sources"
	: >"$look/unresolved"
	: >"$look/problem"
	if cmp -s "$look/inputs" "$libraries/inputs" && libraries_are_recorded && set_is_current && sources_hold; then
		cut -f 1,2 "$look/index" >"$look/plan"
		cat "$libraries/about" >"$look/about"
	else
		closure "$mode" "$tracing" "$@" <"$look/programs" >"$look/closure"
		for part in unresolved problem; do sed -n "s/^$part$tab//p" "$look/closure" >"$look/$part"; done
		sed -n "s/^library$tab//p" "$look/closure" >"$look/plan"
		grep -E '^(loader|libc)' "$look/closure" >"$look/about" || :
		cut -f 2 "$look/plan" | stat_paths -L >"$look/sources"
	fi
	look_at_places
	: >"$look/hashes"
	: >"$look/links"
	judge
	cut -f 2 "$look/doubtful" >"$look/read"
	if [ -s "$look/read" ]; then
		sed -n "s/^sum$tab//p" "$look/doubtful" | sum_paths >"$look/hashes"
		sed -n "s/^link$tab//p" "$look/doubtful" | while IFS= read -r place; do
			[ "$(readlink "./$place")" != "$(link_text "$place")" ] || printf '%s\n' "$place"
		done >"$look/links"
		judge
	fi
}

# Whether our records are whole: all are there, and all that is in use is known as ours.
libraries_are_recorded() {
	[ -s "$libraries/index" ] && [ -s "$libraries/inputs" ] && [ -f "$libraries/owned" ] &&
		[ "$(cut -f 1 "$libraries/about" 2>/dev/null | tr '\n' ' ')" = 'loader libc ' ] && ! grep -qv "$tab." "$libraries/about" &&
		awk -F "$tab" 'pass == 1 { owned[$0]; next } NF != 6 || !($1 in owned) { lost = 1; exit } END { exit lost }' pass=1 "$libraries/owned" pass=2 "$libraries/index"
}

# Whether the host's libraries are what the closure was computed from: by their stat, and by their content where that alone has changed
# (what makes hard links of a host's files, as backups do, gives each a new change time).
sources_hold() {
	awk -F "$tab" 'pass == 1 { stat[$2] = $1; next } stat[$2] != $6 { print $2 }' pass=1 "$look/sources" pass=2 "$look/index" >"$look/touched"
	[ -s "$look/touched" ] || return 0
	sum_paths <"$look/touched" >"$look/hashes"
	awk -F "$tab" '
		pass == 1 { hash[substr($0, 67)] = substr($0, 1, 64); next }
		pass == 2 { touched[$0]; next }
		$2 in touched && hash[$2] != $3 { differs = 1; exit }
		END { exit differs }
	' pass=1 "$look/hashes" pass=2 "$look/touched" pass=3 "$look/index"
}

# What stands at each place and in the set in use, in $look/places and $look/files. What lies behind a link does not count: folders
# on the way that are none are named in $look/bent.
look_at_places() {
	awk -F "$tab" -v set="$sets/$in_use/" '
		!seen[$1]++ { print $1 }
		pass == "index" { print set $1 }
	' pass=plan "$look/plan" pass=index "$look/index" >"$look/wanted-places"
	folders_of <"$look/wanted-places" >"$look/ways"
	cat "$look/ways" "$look/wanted-places" | stat_paths >"$look/there"
	for list in bent places files; do : >"$look/$list"; done
	awk -F "$tab" -v OFS="$tab" -v set="$sets/$in_use/" -v look="$look/" '
		# The first on the way to a path, and itself, that is there and no folder: "" where there is none.
		function bent(path, end, at, way) {
			for (at = 1; at <= length(path); at += end) {
				end = index(substr(path, at) "/", "/")
				way = substr(path, 1, at + end - 2)
				if (!(way in stat)) return ""
				if (stat[way] !~ / directory$/) return way
			}
			return ""
		}
		pass == "there" { stat[$2] = $1; next }
		pass == "ways" { if (bent($0) == $0) print >(look "bent"); next }
		{
			folder = $0
			sub(/\/[^\/]*$/, "", folder)
			if ($0 in stat && folder in stat && bent(folder) == "") print stat[$0], "./" $0 >(look (index($0, set) == 1 ? "files" : "places"))
		}
	' pass=there "$look/there" pass=ways "$look/ways" pass=places "$look/wanted-places"
}

# Writes `states` and `wanted`; and `doubtful`: what only a look at the content can tell, as `sum PATH` and `link PLACE`.
judge() {
	: >"$look/wanted"
	: >"$look/doubtful"
	awk -F "$tab" -v OFS="$tab" -v set="./$sets/$in_use/" -v look="$look/" '
		pass == "sources" { source_stat[$2] = $1; next }
		pass == "places" { place_stat[substr($2, 3)] = $1; next }
		pass == "files" { file_stat[substr($2, length(set) + 1)] = $1; next }
		pass == "hashes" { hash[substr($0, 67)] = substr($0, 1, 64); next }
		pass == "links" { right[$0]; next }
		pass == "index" { hash_of[$1] = $3; source[$1] = $2; known_place[$1] = $4; known_file[$1] = $5; known_source[$1] = $6; next }

		{
			planned[$1]
			held = ($1 in hash_of)
			file_is_there = ($1 in file_stat)
			place_is_there = ($1 in place_stat)
			same_source = held && source[$1] == $2 && source_stat[$2] == known_source[$1]
			same_file = held && file_is_there && file_stat[$1] == known_file[$1]
			same_place = held && place_is_there && place_stat[$1] == known_place[$1]
			wanted = same_source ? hash_of[$1] : hash[$2]

			if (!same_source) print "sum", $2 >(look "doubtful")
			if (!same_file && file_is_there && file_stat[$1] ~ /regular/) print "sum", set $1 >(look "doubtful")
			if (!same_place && place_is_there && place_stat[$1] ~ /symbolic/) print "link", $1 >(look "doubtful")

			if (wanted != "") print $1, $2, wanted >(look "wanted")
			if (!held) state = place_is_there ? "other" : "missing"
			else if (!file_is_there || !place_is_there) state = "missing"
			else if (file_stat[$1] !~ /regular/) state = "no-file"
			else if (!same_file && hash[set $1] != hash_of[$1]) state = "altered"
			else if (!same_place && !($1 in right)) state = "no-link"
			else if (wanted == "") state = "read"
			else state = wanted == hash_of[$1] ? "ok" : "stale"
			print $1, $2, state
		}
		END { for (place in hash_of) if (!(place in planned)) print place, "-", "unneeded" }
	' pass=sources "$look/sources" pass=places "$look/places" pass=files "$look/files" pass=hashes "$look/hashes" \
		pass=links "$look/links" pass=index "$look/index" pass=plan "$look/plan" >"$look/states"
	LC_ALL=C sort -o "$look/states" "$look/states"
}

# Whether the link that says which set is in use says the right one.
set_is_current() {
	[ "$(readlink "./$sets/current" 2>/dev/null)" = "$in_use" ]
}

answer_libraries() {
	answer count "$(($(wc -l <"$libraries/index")))"
	answer digest "$(cut -f 1,3 "$libraries/index" | set_name)"
	while IFS=$tab read -r what value; do answer "$what" "$value"; done <"$libraries/about"
	if [ -f "$libraries/traced" ]; then while IFS= read -r library; do answer traced "$library"; done <"$libraries/traced"; fi
}
