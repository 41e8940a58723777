# Limit a jail's program if no safeexec does it.

# Awk code that counts the processes and threads of a user in /proc/*/status.
# shellcheck disable=SC2016 # awk's
count_tasks='$1 == "Uid:" { its = $2 == uid } $1 == "Threads:" && its { count += $2 } END { print count + 0 }'

# tasks_of UID: prints how many processes and threads the user has.
tasks_of() {
	cat /proc/[0-9]*/status 2>/dev/null | awk -v uid="$1" "$count_tasks"
}

# limiting UID: sets $limiting to a one-line script for `sh -c` that limits itself and then runs its arguments. The
# program runs as UID. The limits are sandbox_cpu (seconds), sandbox_files (open files), sandbox_memory (kB of address
# space), sandbox_file_kb (size of a file) and sandbox_processes; the defaults are below.
#
# The kernel counts all processes of the user in every jail, and a busy host may have many. They are added to the limit:
# as many as $tasks_before says, or as there are when the script starts.
#
# All shells that are sh on some system have these limits, though POSIX only has -f. The number of processes is -u in
# bash and -p in the others (-p is something else in bash). -f counts in blocks of 512 bytes.
limiting() {
	limiting_max=${sandbox_processes:-16}
	# A limit of 0 means 1, the program itself, as in safeexec.
	[ "$limiting_max" -gt 0 ] || limiting_max=1
	limiting_others=${tasks_before:-"\$(cat /proc/[0-9]*/status 2>/dev/null | awk -v uid=$1 '$count_tasks')"}
	limiting="set -e; ulimit -c 0; ulimit -f $((${sandbox_file_kb:-0} * 2)); ulimit -t ${sandbox_cpu:-10}; ulimit -n ${sandbox_files:-512}"
	limiting="$limiting; ulimit -v ${sandbox_memory:-524288}; most=\$(($limiting_max + $limiting_others)); ulimit -u \$most 2>/dev/null || ulimit -p \$most"
	limiting="$limiting; exec \"\$@\""
}
