# What is installed: $records/packages (installed.sh), and in it
#   versions   lines `NAME VERSION`
#   key        with the build that was in the jail then

answer_packages() {
	while read -r name version; do answer package "$name" "$version"; done <"$installed/versions"
	# Compiled files are left out: the same source may give others.
	answer digest "$(grep -v '/__pycache__/' "$installed/manifest" | sha256sum | cut -c 1-16)"
}

# empty_sites: after an upgrade to another python's site-packages, the folders of the one before are nobody's. Reads
# $installed/gone.
empty_sites() {
	awk 'match($0, /^lib\/[^\/]*\/site-packages\//) { print substr($0, 1, RLENGTH - 1) }' "$installed/gone" | sort -u | while IFS= read -r old_site; do
		for old_folder in "$old_site" "${old_site%/*}"; do
			grep -Fqx -e "$old_folder" "$records/python/owned" 2>/dev/null || printf '%s\n' "$old_folder"
		done
	done
}

# keep_others SITE: what others have in a folder of ours (a namespace, the cache of compiled files) goes on in the new one, or in one of
# its own. Out of the swap folder, through no link, and each thing by a rename.
keep_others() {
	to_jail
	with_other_levels <"$installed/owned" >"$installed/ours"
	find -P "./$swap/old-packages" -mindepth 2 -path "$too_long" -prune ! -path "*$line_break*" -print -o ! -type d ! -path "*$line_break*" -print | sed "s|^\./$swap/old-packages/|$1/|" | awk 'pass == 1 { ours[$0]; next } !($0 in ours)' pass=1 "$installed/ours" pass=2 - >"$installed/others"
	while IFS= read -r other; do
		folder=${other%/*}
		go_in_jail "$swap/old-packages/${folder#"$1"/}" || continue
		exec 7<.
		to_jail
		make_folders "$folder"
		if [ ! -e "./${other##*/}" ] && [ ! -L "./${other##*/}" ]; then mv -T -- "/proc/self/fd/7/${other##*/}" "./${other##*/}"; fi
		exec 7<&-
	done <"$installed/others"
	rm -f "$installed/others" "$installed/ours"
	to_jail
}

# take_back_others SITE: an install that was cut off may have left what others have in the swap folder.
take_back_others() {
	if ! hold_left_swap; then return 0; fi
	exec 7<&-
	if [ -d "./$swap/old-packages" ]; then keep_others "$1"; fi
}
