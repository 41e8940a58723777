# preflight.sh ($jail $cache $cache_mb $jail_mb "$@"): answers everything that the host lacks for a build, at once.
# uses: disk.sh mounts.sh needs.sh records.sh

place=$(nearest_directory "$cache")
if [ "$(free_mb "$place")" -lt "$cache_mb" ]; then answer disk "$place" "$(free_mb "$place")" "$cache_mb" build; fi
if has_option "$place" noexec; then answer noexec "$place"; fi
jail_disk=$(nearest_directory "$jail")
if [ "$(free_mb "$jail_disk")" -lt "$jail_mb" ]; then answer disk "$jail" "$(free_mb "$jail_disk")" "$jail_mb" jail; fi

answer_needs "$@"
if have curl || have wget; then answer downloader yes; fi
