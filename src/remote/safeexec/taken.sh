# What safeexec's README asks of a host: its group and its users must be nobody else's. It runs programs as the group 1000 and
# the user 10000 + its own process id, which is at most 32768.

# accounts passwd|group: every one that can be listed.
accounts() {
	if have getent; then getent "$1" || :; else cat "/etc/$1"; fi
}

# answer_taken: a line of a fact and a remedy for everything that is not as it should be.
answer_taken() {
	taken_group=$(accounts group | awk -F : '$3 == 1000 { print $1; exit }')
	if [ -n "$taken_group" ]; then
		taken "gid 1000 is the group $taken_group's, whose files programs in safeexec may then use" "give that group another number"
	fi
	taken_users=$(accounts passwd | awk -F : '$4 == 1000 { print $1 }' | few)
	if [ -n "$taken_users" ] && [ -z "$taken_group" ]; then
		taken "gid 1000 is the group of $taken_users" "give them another one"
	fi
	taken_users=$(accounts passwd | awk -F : '$3 >= 10000 && $3 <= 42768 { print $1 }' | few)
	if [ -n "$taken_users" ]; then
		taken "uids from 10000 to 42768 are in use ($taken_users): programs in safeexec may get one of them" "give these users other numbers"
	fi
	taken_users=$(awk -F : '$2 <= 42768 && $2 + $3 > 10000 { print $1 }' /etc/subuid 2>/dev/null | few)
	if [ -n "$taken_users" ]; then
		taken "uids from 10000 to 42768 are subordinate ones (/etc/subuid) of $taken_users" "give them a range above"
	fi
	taken_pids=$(cat /proc/sys/kernel/pid_max)
	if [ "$taken_pids" -gt 32768 ]; then
		taken "process ids go up to $taken_pids, and so safeexec's uids beyond 42768, where other accounts may be" "set kernel.pid_max = 32768 (in /etc/sysctl.d)"
	fi
}

taken() {
	answer taken "$(one_line "$1")" "$2"
}

# The first three of the names on standard input.
few() {
	awk 'NR <= 3 { names = names (NR > 1 ? ", " : "") $0 } END { if (NR > 3) names = names " and " NR - 3 " more"; if (NR) print names }'
}
