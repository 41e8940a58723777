# The limits of a jail's program where no safeexec sets them.

# How awk counts the processes and threads of a user in /proc/*/status.
# shellcheck disable=SC2016 # awk's
count_tasks='$1 == "Uid:" { its = $2 == uid } $1 == "Threads:" && its { count += $2 } END { print count + 0 }'

# tasks_of UID: how many processes and threads the user has.
tasks_of() {
	cat /proc/[0-9]*/status 2>/dev/null | awk -v uid="$1" "$count_tasks"
}

# limiting UID: leaves in $limiting a script of one line for `sh -c`, which limits itself and then runs its arguments. It is for a
# program that will be UID's: sandbox_cpu (seconds), sandbox_files (open at a time), sandbox_memory (kB of address space),
# sandbox_file_kb (the largest file) and sandbox_processes, or what is written here.
#
# The kernel counts all processes of the user, in every jail; a host that is at work may have many. They come on top: as many
# as $tasks_before says, or as are there when the script runs.
#
# All shells that are sh somewhere have these limits, though POSIX has but -f. The number of processes is -u in bash, and -p
# in the others, where bash has something else. -f counts in blocks of 512 bytes.
limiting() {
	limiting_most=${sandbox_processes:-16}
	# Itself, as safeexec has it.
	[ "$limiting_most" -gt 0 ] || limiting_most=1
	limiting_others=${tasks_before:-"\$(cat /proc/[0-9]*/status 2>/dev/null | awk -v uid=$1 '$count_tasks')"}
	limiting="set -e; ulimit -c 0; ulimit -f $((${sandbox_file_kb:-0} * 2)); ulimit -t ${sandbox_cpu:-10}; ulimit -n ${sandbox_files:-512}"
	limiting="$limiting; ulimit -v ${sandbox_memory:-524288}; most=\$(($limiting_most + $limiting_others)); ulimit -u \$most 2>/dev/null || ulimit -p \$most"
	limiting="$limiting; exec \"\$@\""
}
