# look.sh ("$@", paths): the file systems that all of these lie on, or will: blocks free for us, a block's bytes, files free, files in all, and `ro` or `rw`.
# It needs no disk itself.
# uses: mounts.sh records.sh
for path; do
	place=$(nearest_folder "$path")
	if has_option "$place" ro; then writable=ro; else writable=rw; fi
	# shellcheck disable=SC2046  # split into fields: none of them has white space
	answer disk "$path" $(stat -f -c '%a %S %d %c' -- "$place") "$writable"
done
