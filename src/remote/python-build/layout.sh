# Define where a build's files are in the jail: where `make install` puts them, except the program and the library of
# its code (libpython). These are in lib/pythonX.Y/.program, with symlinks to them in their usual places. So one
# exchange of lib/pythonX.Y changes all of them.
# uses: staging.sh walk.sh

# manifest_in_jail: turns a build's manifest on standard input into the one that it has in the jail.
manifest_in_jail() {
	awk '
		{ kind[NR] = $1; value[NR] = $2; path[NR] = $3; if ($1 == "d") directory[$3] }
		END {
			for (i = 1; i <= NR; i++) {
				home = path[i]
				sub(/^bin\//, "lib/", home)
				sub(/^lib\/libpython/, "lib/python", home)
				sub(/\.so(\.[0-9.]*)?$/, "", home)
				if (kind[i] != "f" || path[i] !~ /^(bin\/python|lib\/libpython)[^\/]*$/ || !(home in directory)) {
					print kind[i], value[i], path[i]
					continue
				}
				print "f", value[i], home "/.program/" path[i]
				print "l", "../" home "/.program/" path[i], path[i]
				part = path[i]
				sub(/\/.*/, "", part)
				made[home "/.program"]
				made[home "/.program/" part]
			}
			for (one in made) print "d - " one
		}
	' | LC_ALL=C sort -k 3
}

# programs_in MANIFEST: prints the symlinks to files in .program, as `TEXT PATH`.
programs_in() {
	sed -n 's|^l \(\.\./[^ ]*/\.program/[^ ]* .*\)|\1|p' "$1"
}

# apply_layout TREE MANIFEST: moves the files of a copy of a build to where they are in a jail.
apply_layout() {
	programs_in "$2" | while read -r lay_text lay_path; do
		lay_place=$1/${lay_text#../}
		mkdir -p "${lay_place%/*}" && mv -T -- "$1/$lay_path" "$lay_place" && ln -s -- "$lay_text" "$1/$lay_path" || exit 1
	done
}

# apply_layout_in_jail MANIFEST: gives an installed python of the same X.Y the same layout. It works on, and the later
# exchange then only has to change one directory. Makes the symlinks of programs that are missing.
apply_layout_in_jail() {
	while read -r settle_text settle_path; do
		[ -n "$settle_path" ] || continue
		to_jail
		make_directories "${settle_path%/*}"
		exec 7<.
		settle_name=${settle_path##*/}
		if [ -e "./$settle_name" ] || [ -L "./$settle_name" ]; then
			# Leave out what is neither our symlink nor a file with a library: it is replaced last.
			is_file "$settle_name" || continue
			settle_place=${settle_text#../}
			to_jail
			if [ ! -d "./${settle_place%%/.program/*}" ] || [ -L "./${settle_place%%/.program/*}" ]; then continue; fi
			make_directories "${settle_place%/*}"
			if [ ! -e "./$settle_name" ] && [ ! -L "./$settle_name" ]; then ln -- "/proc/self/fd/7/$settle_name" "./$settle_name"; fi
			go_in_jail "${settle_path%/*}"
		fi
		rm -f "$staging/link"
		ln -s -- "$settle_text" "$staging/link"
		put "$staging/link" "$settle_name"
	done <<-END
		$(programs_in "$1")
	END
	exec 7<&-
	to_jail
}

# await_programs FILE: waits until no program of the paths in a file runs any more, for ten seconds at most. Programs
# open their library by path, so one that was just started would find half of it. One that runs longer will miss what it
# imports later.
await_programs() {
	await_ids=$(grep -E '(^|/)bin/python[^/]*$' "$1" | while IFS= read -r path; do
		to_jail
		if is_file "$path"; then stat -c '%d:%i' "./$path"; fi
	done)
	[ -n "$await_ids" ] || return 0
	await_tries=0
	# Wait once in any case, for a program that was about to start.
	while sleep 0.5 && await_tries=$((await_tries + 1)) && [ "$await_tries" -le 20 ] && stat -L -c '%d:%i' /proc/[0-9]*/exe 2>/dev/null | grep -Fqx -e "$await_ids"; do :; done
}
