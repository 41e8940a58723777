# take_back_library: an install that was cut off may have left the library, with the packages that others put there, in the swap folder.
# uses: others.sh staging.sh walk.sh
take_back_library() {
	hold_left_swap || return 0
	left=/proc/self/fd/7
	left_libraries=
	for library in "$left"/old/lib/python*; do
		name=${library##*/}
		(cd -P "$left/" && go_to "old/lib/$name") || continue
		left_libraries="$left_libraries $name"
		# Older releases of this tool moved those packages: they may be in the new one already.
		if [ ! -e "$library/site-packages" ] && (cd -P "$left/" && go_to "new/lib/$name/site-packages"); then
			mv -T -- "$left/new/lib/$name/site-packages" "$library/site-packages"
		fi
	done
	exec 7<&-
	for name in $left_libraries; do take_back "old/lib/$name" "lib/$name"; done
	to_jail
}
