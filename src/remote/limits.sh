# What a program of a jail may take of its host at most, where no safeexec bounds it: sandbox_cpu (seconds), sandbox_files (open
# at a time), sandbox_memory (kB of address space) and sandbox_processes, or what is written here. It writes to no file.
#
# All shells that are sh somewhere have these limits, though POSIX has but -f. The number of processes is -u in bash, and -p
# in the others, where bash has something else.
# shellcheck disable=SC3045
limit_ourselves() {
	ulimit -c 0
	ulimit -f 0
	ulimit -t "${sandbox_cpu:-10}"
	ulimit -n "${sandbox_files:-512}"
	ulimit -v "${sandbox_memory:-524288}"
	ulimit -u "${sandbox_processes:-16}" 2>/dev/null || ulimit -p "${sandbox_processes:-16}"
}
