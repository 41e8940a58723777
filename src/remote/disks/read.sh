# read.sh ("$@", paths): reads the file systems that these paths are, or will be, on: free blocks, bytes of a block,
# free inodes, all inodes, and `ro` or `rw`. Writes nothing to any disk.
# uses: mounts.sh records.sh
for path; do
	place=$(nearest_directory "$path")
	if has_option "$place" ro; then writable=ro; else writable=rw; fi
	# shellcheck disable=SC2046  # split into fields: none of them has white space
	answer disk "$path" $(stat -f -c '%a %S %d %c' -- "$place") "$writable"
done
