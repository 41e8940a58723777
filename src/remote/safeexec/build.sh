# Build safeexec.
# uses: git.sh mounts.sh

# run_make_confined WORK: runs make without network, in a mount namespace in which the rest of the host is read-only.
run_make_confined() {
	mount_points | sort -u >"$1/mounts"
	# shellcheck disable=SC2016 # expanded by the shell within
	nice -n 10 unshare -m -n sh -c '
		set -eu
		mount --make-rprivate /
		mount --bind "$1" "$1"
		while IFS= read -r point; do
			[ "$point" = "$1" ] || [ ! -e "$point" ] || mount -o remount,bind,ro "$point" || { echo "$point cannot be made read-only"; exit 1; }
		done <"$1/mounts"
		cd "$1/source"
		exec env -i PATH="$1/tools:$PATH" HOME="$1/tmp" TMPDIR="$1/tmp" LC_ALL=C make
	' sh "$1" 3>&- 9>&-
}

# build_program SOURCE URL COMMIT ARCHIVE SHA256 STRIP: builds a commit, or an uploaded archive after stripping STRIP
# leading directories. The result is in $records/built.
build_program() {
	work=$records/work
	rm -rf "$work"
	mkdir -m 0700 "$work" "$work/source" "$work/tools" "$work/tmp" "$work/built"
	if [ -n "$3" ]; then
		fetch_commit "$work/git" "$2" "$3" "safeexec's repository"
		unpack_commit "$work/git" "$3" "$work/source"
	else
		if [ "$(sha256sum <"$4" | cut -d ' ' -f 1)" != "$5" ]; then
			rm -f "$4"
			fail wrong-sha256 "the source that arrived is not what was sent" "run the same command again"
		fi
		tar -x -o -f "$4" -C "$work/source" --strip-components="$6" || fail archive "the source could not be unpacked" "give a tar archive with one directory around all"
		rm -f "$4"
	fi
	is_there=
	for makefile in GNUmakefile makefile Makefile; do
		if [ -f "$work/source/$makefile" ]; then is_there=yes; fi
	done
	[ -n "$is_there" ] || fail not-safeexec "the source has no Makefile" "give safeexec's own source, https://github.com/cemc/safeexec; a fork that wants cmake has other options"

	# A Makefile may call sudo to make the program setuid root or to install it. We do that ourselves afterwards, and
	# the host need not have sudo, so this sudo does nothing. The Makefile can only write to its own directory, as the
	# rest of the host is read-only.
	printf '#!/bin/sh\nexit 0\n' >"$work/tools/sudo"
	chmod 0755 "$work/tools/sudo"
	run_make_confined "$work" ||
		fail build "safeexec could not be built" "read make's message; it may write to its own directory only, and has no network"
	built=$work/source/safeexec
	[ -f "$built" ] || built=$(find "$work/source" -type f -name safeexec -perm -0100 | head -n 1)
	# A script cannot be a setuid program.
	if [ -z "$built" ] || [ -L "$built" ] || [ "$(head -c 4 "$built" | od -An -tx1 | tr -d ' \n')" != 7f454c46 ]; then
		fail not-safeexec "the Makefile built no program safeexec" "give safeexec's own source: https://github.com/cemc/safeexec"
	fi
	cp "$built" "$work/built/program"
	chmod 0600 "$work/built/program"
	printf '%s\n' "$1" >"$work/built/source"
	rm -rf "$records/built"
	mv "$work/built" "$records/built"
	rm -rf "$work"
}
