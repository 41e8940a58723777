# Check what safeexec's README asks of a host: no other account may have its group or its users. safeexec runs programs
# as the group 1000 and the user 10000 + its own process id. The last such user is 42768 if kernel.pid_max is 32768.

# accounts passwd|group [NUMBER]: prints every account that the host lists, and the one with this number.
accounts() {
	if ! have getent; then
		cat "/etc/$1"
		return
	fi
	getent "$1" || :
	# Directory services answer for single numbers, but do not list their accounts.
	[ -z "${2-}" ] || getent "$1" "$2" || :
}

# answer_taken FIREWALL: answers `taken FACT REMEDY KIND` for each conflict. KIND is `group` or `users`. With `yes` also
# checks running processes, as the firewall rule applies to them, too.
answer_taken() {
	taken_group=$(accounts group 1000 | awk -F : '$3 == 1000 { print $1; exit }')
	if [ -n "$taken_group" ]; then
		taken "gid 1000 is the group $taken_group's, whose files programs in safeexec may then use" "give that group another number" group
	fi
	taken_users=$(accounts passwd | awk -F : '$4 == 1000 { print $1 }' | few)
	if [ -n "$taken_users" ] && [ -z "$taken_group" ]; then
		taken "gid 1000 is the group of $taken_users" "give them another one" group
	fi
	taken_users=
	if [ "$1" = yes ]; then taken_users=$(processes_of_group | sort -u | few); fi
	if [ -n "$taken_users" ]; then
		taken "processes run in gid 1000: $taken_users" "end them, or run them in another group" group
	fi
	taken_users=$(accounts passwd | awk -F : '$3 >= 10000 && $3 <= 42768 { print $1 }' | few)
	if [ -n "$taken_users" ]; then
		taken "uids from 10000 to 42768 are in use ($taken_users): programs in safeexec may get one of them" "give these users other numbers" users
	fi
	taken_users=$(awk -F : '$2 <= 42768 && $2 + $3 > 10000 { print $1 }' /etc/subuid 2>/dev/null | few)
	if [ -n "$taken_users" ]; then
		taken "uids from 10000 to 42768 are subordinate ones (/etc/subuid) of $taken_users" "give them a range above" users
	fi
	taken_pids=$(cat /proc/sys/kernel/pid_max)
	if [ "$taken_pids" -gt 32768 ]; then
		taken "process ids go up to $taken_pids, and so safeexec's uids beyond 42768, where other accounts may be" "set kernel.pid_max = 32768 (in /etc/sysctl.d)" users
	fi
}

taken() {
	answer taken "$(one_line "$1")" "$2" "$3"
}

# processes_of_group: prints the name of each process in the group 1000 that uses the host's network. Leaves out those
# that safeexec runs, whose users have no account.
processes_of_group() {
	taken_network=$(readlink /proc/self/ns/net || :)
	cat /proc/[0-9]*/status 2>/dev/null | awk '
		$1 == "Name:" { sub(/^Name:[ \t]*/, ""); name = $0 }
		$1 == "Pid:" { pid = $2 }
		$1 == "Uid:" { uid = $2 }
		$1 == "Gid:" && ($2 == 1000 || $3 == 1000 || $5 == 1000) { print pid, uid, name }
	' | while read -r taken_pid taken_uid taken_name; do
		[ "$(readlink "/proc/$taken_pid/ns/net" 2>/dev/null)" = "$taken_network" ] || continue
		if [ "$taken_uid" -lt 10000 ] || [ -n "$(accounts passwd "$taken_uid" | awk -F : -v uid="$taken_uid" '$3 == uid')" ]; then
			printf '%s\n' "$taken_name"
		fi
	done
}

# Prints the first three of the names on standard input, and how many more there are.
few() {
	awk 'NR <= 3 { names = names (NR > 1 ? ", " : "") $0 } END { if (NR > 3) names = names " and " NR - 3 " more"; if (NR) print names }'
}
