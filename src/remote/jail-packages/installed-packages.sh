# Answer which packages are in the jail, from the part `packages` of the manifest.
# uses: manifest-part.sh manifest.sh

answer_packages() {
	fact package | while read -r name version; do answer package "$name" "$version"; done
	# Leave out compiled files: the same source may compile to other bytes.
	answer digest "$(grep -v '/__pycache__/' "$lists/recorded" | manifest_digest)"
}

# with_old_sites: prints the paths to remove from standard input, and then the site-packages directories that become
# empty. After an upgrade to another python, no part owns those of the earlier one.
with_old_sites() {
	owned_by python >"$lists/python"
	awk '
		pass == 1 { python[$0]; next }
		{ print }
		match($0, /^lib\/[^\/]*\/site-packages\//) && !seen[site = substr($0, 1, RLENGTH - 1)]++ { sites[++count] = site }
		END { for (i = 1; i <= count; i++) for (site = sites[i]; site != "lib"; sub(/\/[^\/]*$/, "", site)) if (!(site in python)) print site }
	' pass=1 "$lists/python" pass=2 -
}
