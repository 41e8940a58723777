# The libraries in the jail, as the part `libraries` of the manifest.
#
# Paths in the jail:
#   .libraries/SET/PLACE   a library of a closure, below a directory named by a digest of the whole set. Other content
#                          makes another set, so the files in a set never change
#   .libraries/current     a symlink to the set in use. One rename of it replaces all libraries at once
#   PLACE                  a path where the loader looks: a symlink through .libraries/current. All symlinks are
#                          relative, so that they lead to the same file from inside the jail and from outside
# Facts of the part:
#   loader, libc   the loader and the C library of the closure
#   inputs         a digest of everything that the closure was computed from
#   traced         a library that the traced commands looked for (trace.sh)
# uses: jail-libraries/closure.sh listing.sh manifest-part.sh manifest.sh sources.sh walk.sh

sets=.libraries

# list_leaving: prints the paths of the parts in $leaving (`packages`, `files`), which are no longer declared. The
# engine deletes them only at its end. Until then their programs must not count, or their libraries would stay for
# good.
list_leaving() {
	# shellcheck disable=SC2154  # the step's
	for left in $leaving; do
		case $left in
		packages) owned_by packages ;;
		files) owned_by_files ;;
		esac
	done
}

# list_libraries [EXTRA…]: finds the libraries that the jail needs, for $mode and $tracing. Sets $inputs to the digest
# of everything that they depend on, and $in_use to the set in use. Writes to $lists
#   sources.now   `STAT SOURCE SHA256 PLACE` of each library (sources.sh)
#   about         the loader and the C library
#   programs      the output of list_programs
#   unresolved    `NAME FILE` of each library that the host lacks
#   problem       `CODE REASON REMEDY` if the closure cannot be computed
#   traced        the libraries that traced commands looked for
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

# sources_hold: whether the host's libraries are the same as when the closure was computed. Writes sources.now. If
# only the stat of a library has changed, its content decides: a backup that makes hard links gives each file a new
# change time.
sources_hold() {
	awk -F "$tab" '{ print $4 "\t" $2 }' "$part_sources" >"$lists/pairs"
	sum_sources "$lists/pairs"
	[ "$(set_of_sources)" = "$in_use" ]
}

# set_of_sources: prints the name of the set of sources.now.
set_of_sources() {
	awk -F "$tab" '{ print $4 "\t" $3 }' "$lists/sources.now" | sort | manifest_digest
}

# set_in_use: prints the name of the recorded set in use.
set_in_use() {
	awk -F "$tab" -v current="$sets/current" '$4 == current { print $2 }' "$lists/recorded"
}

# set_is_current: whether .libraries/current in the jail points to the recorded set.
set_is_current() {
	[ "$(readlink "./$sets/current" 2>/dev/null)" = "$in_use" ]
}

# answer_bent: answers the parents of our libraries that are not directories.
answer_bent() {
	list_bent | while IFS= read -r directory; do answer bent "$(one_line "$directory")"; done
}

# list_bent: prints the parents of our libraries that are not directories. Call after compare.
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
