# The libraries in the jail, as the part `libraries` of the manifest.
#
# In the jail
#   .libraries/SET/PLACE   the libraries of one closure, each at the path where the loader looks, below a directory whose name
#                          says their content: another content is another set, and what stands in a set never changes
#   .libraries/current     a link to the set in use: one rename of it exchanges all libraries at once
#   PLACE                  where the loader looks: a link through .libraries/current. All links are relative, so that they
#                          lead to the same file from inside the jail and from outside
# Facts of the part
#   loader, libc   of the closure
#   inputs         a digest of what the closure was computed from
#   traced         a library that traced commands looked for (trace.sh)
# uses: jail-libraries/closure.sh listing.sh manifest-part.sh manifest.sh sources.sh walk.sh

sets=.libraries

# list_leaving: prints the paths of what is not declared any more ($leaving: a list of `packages`, `files`). The engine has it removed when all else is
# done: what its programs need would stay behind.
list_leaving() {
	# shellcheck disable=SC2154  # the step's
	for left in $leaving; do
		case $left in
		packages) owned_by packages ;;
		files) owned_by_files ;;
		esac
	done
}

# list_libraries [EXTRA…]: finds out, of $mode and $tracing, which libraries the jail needs. Leaves in $lists
#   sources.now   `STAT SOURCE SHA256 PLACE` of each (sources.sh)
#   about         the loader and the libc
#   programs, unresolved, problem, traced
# and in $inputs the digest of what that follows from, in $in_use the set that is in use.
list_libraries() {
	open_manifest libraries
	to_jail
	in_use=$(set_in_use)
	unless_gone list_programs >"$lists/programs"
	# shellcheck disable=SC2154  # the step's
	if [ -n "$leaving" ]; then
		mv -f "$lists/programs" "$lists/programs-there"
		list_leaving >"$lists/leaving"
		awk 'pass == 1 { leaving[$0]; next } { path = $0; sub(/^[^\/]*\/[^\/]*\/\.\//, "", path) } !(path in leaving)' pass=1 "$lists/leaving" pass=2 "$lists/programs-there" >"$lists/programs"
	fi
	: >"$lists/traced"
	# shellcheck disable=SC2154  # the step's
	if [ "$tracing" = yes ]; then fact traced >"$lists/traced"; fi
	inputs=$({
		# shellcheck disable=SC2154  # the step's
		printf '%s\n' "$closure_is" "$mode" "$tracing" "$@"
		cat "$lists/traced"
		stat -L -c '%i %s %Y' /etc/ld.so.cache 2>/dev/null || :
		cat "$lists/programs"
	} | manifest_digest)
	: >"$lists/unresolved"
	: >"$lists/problem"
	if [ "$inputs" = "$(fact inputs)" ] && is_recorded && set_is_current && sources_hold; then
		grep -E '^(loader|libc) ' "$lists/recorded-facts" >"$lists/about"
	else
		closure "$mode" "$(cat "$lists/traced")" "$@" <"$lists/programs" >"$lists/closure"
		for list in unresolved problem; do sed -n "s/^$list$tab//p" "$lists/closure" >"$lists/$list"; done
		sed -n -e "s/^loader$tab/loader /p" -e "s/^libc$tab/libc /p" "$lists/closure" >"$lists/about"
		sed -n "s/^library$tab//p" "$lists/closure" >"$lists/pairs"
		sum_sources "$lists/pairs"
	fi
}

# sources_hold: whether the host's libraries are what the closure was computed from: by their stat, and by their content where that alone has changed
# (what makes hard links of a host's files, as backups do, gives each a new change time). Leaves sources.now.
sources_hold() {
	awk -F "$tab" '{ print $4 "\t" $2 }' "$part_sources" >"$lists/pairs"
	sum_sources "$lists/pairs"
	[ "$(set_of_sources)" = "$in_use" ]
}

# set_of_sources: prints the name of the set of sources.now.
set_of_sources() {
	awk -F "$tab" '{ print $4 "\t" $3 }' "$lists/sources.now" | sort | manifest_digest
}

set_in_use() {
	awk -F "$tab" -v current="$sets/current" '$4 == current { print $2 }' "$lists/recorded"
}

# set_is_current: whether the link that says which set is in use says the right one.
set_is_current() {
	[ "$(readlink "./$sets/current" 2>/dev/null)" = "$in_use" ]
}

# answer_bent: the directories on the way to our libraries that are none.
answer_bent() {
	list_bent | while IFS= read -r directory; do answer bent "$(one_line "$directory")"; done
}

# list_bent: after compare.
list_bent() {
	awk -F "$tab" '
		pass == 1 { type[$4] = $1; next }
		$2 == "bent" { for (way = $1; sub(/\/[^\/]*$/, "", way);) if ((way in type) && type[way] != "directory" && !seen[way]++) print way }
	' pass=1 "$lists/there" pass=2 "$lists/states"
}

answer_libraries() {
	answer count "$(grep -c '^file' "$lists/recorded" || :)"
	answer digest "$(set_in_use)"
	while read -r name value; do
		case $name in
		loader | libc | traced) answer "$name" "$value" ;;
		esac
	done <"$lists/recorded-facts"
}
