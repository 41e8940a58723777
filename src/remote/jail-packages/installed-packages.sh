# Which packages are in the jail, as the part `packages` of the manifest says.
# uses: manifest-part.sh manifest.sh

answer_packages() {
	fact package | while read -r name version; do answer package "$name" "$version"; done
	# Compiled files are left out: the same source may give others.
	answer digest "$(grep -v '/__pycache__/' "$lists/recorded" | manifest_digest)"
}

# with_old_sites: the paths that are removed, and after them the site-packages that they leave empty. After an upgrade to another python those
# of the one before are nobody's.
with_old_sites() {
	owned_by python >"$lists/python"
	awk '
		pass == 1 { python[$0]; next }
		{ print }
		match($0, /^lib\/[^\/]*\/site-packages\//) && !seen[site = substr($0, 1, RLENGTH - 1)]++ { sites[++count] = site }
		END { for (i = 1; i <= count; i++) for (site = sites[i]; site != "lib"; sub(/\/[^\/]*$/, "", site)) if (!(site in python)) print site }
	' pass=1 "$lists/python" pass=2 -
}
