# take_back_library: an install that was cut off may have left the library, with the packages that others put there, in the swap folder:
# it gets its place again. Held by a descriptor: what the jail's own user puts in its place is nothing to us. In it nobody else can
# exchange anything.
take_back_library() {
	hold_left_swap || return 0
	left=/proc/self/fd/7
	if has_left old/lib && go_in_jail lib; then
		for library in "$left"/old/lib/python*; do
			name=${library##*/}
			has_left "old/lib/$name" || continue
			# Those packages may be in the new one already.
			if [ ! -e "$library/site-packages" ] && has_left "new/lib/$name/site-packages"; then
				mv -T -- "$left/new/lib/$name/site-packages" "$library/site-packages"
			fi
			if [ ! -e "./$name" ] && [ ! -L "./$name" ]; then mv -T -- "$library" "./$name"; fi
		done
	fi
	exec 7<&-
	to_jail
}

# Whether it has a folder, through no link on the way.
has_left() {
	(cd -P "$left/" && go_to "$1")
}
