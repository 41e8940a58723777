# tasks_of UID: how many processes and threads the user has.
tasks_of() {
	cat /proc/[0-9]*/status 2>/dev/null | awk -v uid="$1" '$1 == "Uid:" { its = $2 == uid } $1 == "Threads:" && its { count += $2 } END { print count + 0 }'
}

# limit_ourselves UID: what a program of a jail, that will be UID's, may take of its host at most, where no safeexec bounds it:
# sandbox_cpu (seconds), sandbox_files (open at a time), sandbox_memory (kB of address space) and sandbox_processes, or what is
# written here. It writes to no file.
#
# The kernel counts all processes of the user, in every jail; a host that is at work may have many. They come on top: as many
# as $tasks_before says, or as are there.
#
# All shells that are sh somewhere have these limits, though POSIX has but -f. The number of processes is -u in bash, and -p
# in the others, where bash has something else.
# shellcheck disable=SC3045
limit_ourselves() {
	most=${sandbox_processes:-16}
	# Itself, as safeexec has it.
	[ "$most" -gt 0 ] || most=1
	most=$((most + ${tasks_before:-$(tasks_of "$1")}))
	ulimit -c 0
	ulimit -f 0
	ulimit -t "${sandbox_cpu:-10}"
	ulimit -n "${sandbox_files:-512}"
	ulimit -v "${sandbox_memory:-524288}"
	ulimit -u "$most" 2>/dev/null || ulimit -p "$most"
}
