# The host's cache of sources and finished builds.
#
#   sources/SHA256          an archive, verified
#   builds/KEY/             a finished build: root/ (the tree), manifest, missing (modules), version, origin (where and from
#                           what it was made), log.gz and the source's own pip.whl, if there are such; exists only when
#                           complete
#   builds/KEY/packed.tar.gz  the build in one archive, made when another host asks for it
#   received/SHA256.part    such an archive during its transfer from another host or an address
#   received/lock           held by the step that downloads one
#   packages/KEY-BUILD/     a set of packages for that build: root/ (its part of a jail's tree), manifest, versions; exists
#                           only when complete
#   packages/new.TOKEN/     a set that is being made, and the id of the jail that it is for
#   work/KEY/               a running or failed build: source, root, tmp, log, phases, pid, exit, jails (those that
#                           wait for it)
#   work/KEY.lock           held by the build as long as it lives; never removed, or two builds could hold two files
#                           of one name
#   work/lock               held by a step while it checks, joins, starts or leaves a build
# uses: confine.sh records.sh

# platform: prints what a build depends on besides its source and flags: architecture and libc.
platform() {
	platform_libc=$(getconf GNU_LIBC_VERSION 2>/dev/null | tr ' ' '-' || :)
	printf '%s-%s' "$(uname -m)" "${platform_libc:-musl}"
}

# open_cache CACHE KEY: sets the paths of one build.
open_cache() {
	private_directory "$1"
	cache=$1
	sources=$cache/sources
	for place in "$sources" "$cache/builds" "$cache/work"; do private_directory "$place"; done
	build_name=$2-$(platform)
	build=$cache/builds/$build_name
	work=$cache/work/$build_name
}

# is_whole TREE MANIFEST [BELOW]: succeeds if the files of a manifest (those below a directory of it) are in a tree with
# the right content. A host that lost power, or whose disk fails, may have damaged a build in its cache.
is_whole() {
	# A manifest without files: the tree must not have any, either.
	if ! grep -q '^f ' "$2" 2>/dev/null; then
		[ -z "$(find "$1" -type f | head -n 1)" ]
		return
	fi
	sed -n "s|^f \([0-9a-f]*\) ${3:+$3/}|\1  |p" "$2" | (cd "$1" && sha256sum -c - >/dev/null 2>&1)
}

# throw_away DIRECTORY: removes a directory of the cache. Renames it first, so that an interrupted removal leaves
# nothing that looks complete.
throw_away() {
	rm -rf "$1.gone"
	mv -T -- "$1" "$1.gone" 2>/dev/null || :
	rm -rf "$1.gone"
}

# write_origin FILE KIND SHA256 FLAGS: records where and from what a build is made, for hosts that get a copy of it.
write_origin() {
	printf '%s\t%s\n' host "$logical_host" at "$(date -u '+%Y-%m-%dT%H:%M:%SZ')" platform "$(platform)" system "$(os_release PRETTY_NAME)" \
		"$2" "$3" flags "$(one_line "$4")" >"$1"
}

# lock_builds CACHE: keeps other steps from checking, joining, starting or leaving a build, until unlock_builds or the
# end of this step.
lock_builds() {
	exec 6>>"$1/work/lock"
	take_lock 6 || fail locked "another operation is at work in $1" "wait for it to end, then run this one again"
}

unlock_builds() {
	exec 6>&-
}

# Succeeds if the build is in-flight: a process holds its lock, and its session leader lives.
is_running() {
	[ -e "$work.lock" ] || return 1
	if (exec 7>>"$work.lock" && flock -n 7); then return 1; fi
	# The build has just started and has not written its pid yet.
	[ -s "$work/pid" ] || return 0
	# A build in another container that shares this cache: its processes are not visible here, so only the lock tells.
	[ "$(cat "$work/pid-namespace" 2>/dev/null || :)" = "$(readlink /proc/self/ns/pid)" ] || return 0
	build_processes | grep -Fqx -e "$(cat "$work/pid")"
}

# build_processes: prints the process ids of the build: those in its leader's session that work in its directory. This
# leaves out processes that read its log, and those that got the id of a process that has ended.
build_processes() {
	build_session=$(cat "$work/pid" 2>/dev/null || :)
	case $build_session in
	'' | *[!0-9]* | 0 | 1) return 0 ;;
	esac
	cat /proc/[0-9]*/stat 2>/dev/null | SESSION=$build_session awk '{ pid = $1; sub(/^.*\) /, ""); if ($4 == ENVIRON["SESSION"] && pid ~ /^[0-9]+$/) print pid }' | while read -r build_process; do
		case $(readlink "/proc/$build_process/cwd" 2>/dev/null) in
		"$work" | "$work"/*) printf '%s\n' "$build_process" ;;
		esac
	done
}

# leave_build WORK: stops waiting for a build. Ends the build if no other jail waits for it.
leave_build() {
	work=$1
	[ -d "$work" ] || return 0
	lock_builds "${work%/work/*}"
	# Write nothing if no other jail waits: a jail must be able to leave on a full disk.
	if ! grep -Fvxq -e "$records" "$work/jails" 2>/dev/null; then
		rm -f "$work/jails"
	else
		grep -Fvx -e "$records" "$work/jails" >"$work/jails.left"
		mv -f "$work/jails.left" "$work/jails"
	fi
	if [ ! -s "$work/jails" ]; then
		end_build
		# The log of a failed build is useful only while a jail waits for the build.
		if ! is_running; then rm -rf "$work"; fi
	fi
	unlock_builds
}

# Ends all processes of the build, even if its leader has ended before them.
end_build() {
	tries=0
	while [ ! -s "$work/pid" ] && is_running && [ "$tries" -lt 20 ]; do
		tries=$((tries + 1))
		sleep 0.1
	done
	build_signal=TERM
	tries=0
	while build_pids=$(build_processes) && [ -n "$build_pids" ] && [ "$tries" -lt 80 ]; do
		for build_pid in $build_pids; do kill -s "$build_signal" "$build_pid" 2>/dev/null || :; done
		tries=$((tries + 1))
		[ "$tries" -lt 30 ] || build_signal=KILL
		sleep 0.1
	done
}

# refuse_other FILE SHA256 WHAT AND: removes an uploaded file and ends the step if its digest is not the declared one.
refuse_other() {
	arrived=$(sha256sum "$1" | cut -d ' ' -f 1)
	if [ "$arrived" = "$2" ]; then return 0; fi
	rm -f "$1"
	fail wrong-sha256 "the archive $3 has sha256 $arrived, not $2$4" "run the same command again; if it happens again, the archive is not the one that was declared"
}

# open_received SHA256: sets $part to the path for an archive during its transfer. Removes transfers that were given up.
open_received() {
	received=$cache/received
	private_directory "$received"
	find "$received" -name '*.part' -mmin +1440 -exec rm -f {} +
	# shellcheck disable=SC2034  # the step's
	part=$received/$1.part
}
