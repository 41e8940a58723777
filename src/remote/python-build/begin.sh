# begin.sh ($records $cache $key $sha256 $again $recipe $making $trim $modules_py $jobs $urls $include "$@"): uses the
# finished build, joins the running one, or starts one in the background. $again: `yes` throws a finished build away
# first. $recipe, $making, $trim, $modules_py: the texts of the build's programs. $urls: a list of addresses from which
# the host may download the source; empty if it may not. "$@": flags for configure.
# uses: python-build/cache.sh records.sh vis.sh

private_directory "$records"
open_cache "$cache" "$key"
# Leave an earlier build that failed or is not declared any more.
if [ -s "$records/build" ] && [ "$(cat "$records/build")" != "$work" ]; then (leave_build "$(cat "$records/build")"); fi
lock_builds "$cache"
if [ "$again" = yes ]; then throw_away "$build"; fi
if [ -d "$build" ]; then
	answer state cached
	return 0
fi

exec 7>>"$work.lock"
printf '%s\n' "$work" | write_record "$records/build"
if is_running; then
	mkdir -p "$work"
	grep -Fqx -e "$records" "$work/jails" 2>/dev/null || printf '%s\n' "$records" >>"$work/jails"
	answer state running joined
	return 0
fi
# Processes of a killed build would hold its lock and write into the directory of the new one.
end_build
if ! flock -n 7; then fail locked "processes of a build that was killed hold $work.lock" "end them (\`fuser -v $work.lock\` names them), then run the same command again"; fi
if [ -d "$build" ]; then
	# The build was finished after our first check.
	rm -f "$records/build"
	answer state cached
	return 0
fi
if [ ! -f "$sources/$sha256" ] && [ -z "$urls" ]; then
	rm -f "$records/build"
	answer state needs-source
	return 0
fi

if [ -f "$work/jails" ]; then mv -f "$work/jails" "$work.jails"; fi
rm -rf "$work"
mkdir -m 0700 "$work" "$work/tmp"
if [ -f "$work.jails" ]; then mv -f "$work.jails" "$work/jails"; fi
grep -Fqx -e "$records" "$work/jails" 2>/dev/null || printf '%s\n' "$records" >>"$work/jails"
printf '%s' "$recipe" >"$work/recipe.sh"
printf '%s' "$making" >"$work/making.sh"
printf '%s' "$trim" >"$work/trim.sh"
printf '%s' "$modules_py" >"$work/modules.py"
list_lines "$urls" >"$work/urls"
write_origin "$work/origin" source "$sha256" "$*"
if [ "$jobs" = 0 ]; then
	# Each compiler process needs up to 300 MB: limit the jobs, so that a small host does not swap.
	jobs=$(getconf _NPROCESSORS_ONLN)
	most=$(awk '/^MemAvailable:/ { print int($2 / 400000) }' /proc/meminfo)
	if [ "$most" -ge 1 ] && [ "$jobs" -gt "$most" ]; then jobs=$most; fi
fi
# Remove what interrupted steps left while they added or removed a build.
find "$cache/builds" -mindepth 1 -maxdepth 1 \( -name '*.new.[0-9]*' -o -name '*.gone' \) -mmin +1440 -exec rm -rf {} +
# The build must not inherit descriptors 3 (the channel), 6 and 9 (locks of this step). It holds 7 as long as it lives.
# If the kernel shares the processors among sessions, niceness counts only within a session, so the session of the build
# gets a niceness, too. The build starts in its own directory and has its temporary files there: build_processes
# recognizes it by that, and end_build clears the files away.
cd "$work" || exit 1
# shellcheck disable=SC2016 # expanded by the shell within
TMPDIR="$work/tmp" setsid nice -n 10 sh -c '{ echo 10 >/proc/self/autogroup; } 2>/dev/null || :; exec sh "$@"' sh "$work/recipe.sh" "$cache" "$work" "$build" "$sha256" "$jobs" "$(list_words "$include")" "$@" </dev/null >"$work/log" 2>&1 3>&- 6>&- 9>&- &
answer state running started
