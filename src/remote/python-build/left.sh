# recover_library: puts the library back, with the unmanaged packages in it, that an interrupted install left in the
# staging directory.
# uses: others.sh staging.sh walk.sh
recover_library() {
	open_left_staging || return 0
	left=/proc/self/fd/7
	left_libraries=
	for library in "$left"/old/lib/python*; do
		name=${library##*/}
		(cd -P "$left/" && go_to "old/lib/$name") || continue
		left_libraries="$left_libraries $name"
		# Older releases of this tool moved these packages, so they may be in the new library already.
		if [ ! -e "$library/site-packages" ] && (cd -P "$left/" && go_to "new/lib/$name/site-packages"); then
			mv -T -- "$left/new/lib/$name/site-packages" "$library/site-packages"
		fi
	done
	exec 7<&-
	for name in $left_libraries; do recover_unmanaged "old/lib/$name" "lib/$name"; done
	to_jail
}
