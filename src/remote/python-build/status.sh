# status.sh ($cache $key): reads the progress of the build.
# uses: disk.sh python-build/cache.sh

open_cache "$cache" "$key"
answer build "$build_name"
lock_builds "$cache"
running=no
if is_running; then running=yes; fi
unlock_builds
# Check the cache first: processes that a build has left behind may hold its lock for ever.
if [ -d "$build" ]; then
	answer state 'done'
elif [ "$running" = yes ]; then
	answer state running
	answer phase "$(tail -n 1 "$work/phases" 2>/dev/null || echo start)"
	if [ -s "$work/total" ]; then answer compiled "$(grep -c -- ' -c ' "$work/log" || :)" "$(cat "$work/total")"; fi
elif [ -d "$work" ]; then
	answer state failed
	answer phase "$(tail -n 1 "$work/phases" 2>/dev/null || echo start)"
	if [ -s "$work/reason" ]; then
		answer reason "$(cut -f 1 "$work/reason")" "$(cut -f 2 "$work/reason")"
	elif [ -s "$work/exit" ]; then
		answer reason ended "it ended with exit code $(cat "$work/exit")"
	else
		answer reason killed "it was killed (by a reboot, or for want of memory?)"
	fi
	answer log "$work/log"
	answer free "$(free_mb "$cache")"
	# A step that was interrupted before the build started, or during the removal of a build, leaves no log. The next
	# `begin.sh` removes the directory.
	tail -n 25 "$work/log" 2>/dev/null || :
else
	answer state none
fi
