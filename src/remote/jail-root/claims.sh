# Tell which paths belong to git, and which are claimed by other resources.
# uses: manifest.sh

# unclaimed CLAIMS ENTRIES: prints the entries of standard input that JailFiles and JailSystem leave to git: they have
# no file there, nor above or below it. Takes ENTRIES for the entries of the part CLAIMS (`none`: of no part).
unclaimed() {
	{
		for claims in system $(parts_of_files); do
			if [ "$claims" != "$1" ]; then entries_of "$claims"; else cat "$2"; fi
		done | awk -F "$tab" '$1 != "dir" { print $4 }'
	} >"$lists/claims"
	awk -F "$tab" '
		pass == 1 { file[$0]; for (path = $0; sub(/\/[^\/]*$/, "", path);) directory[path]; next }
		{
			claimed = $4 in file || $4 in directory
			for (path = $4; sub(/\/[^\/]*$/, "", path);) if (path in file) claimed = 1
			if (!claimed) print
		}
	' pass=1 "$lists/claims" pass=2 -
}
