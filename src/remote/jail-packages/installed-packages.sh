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
