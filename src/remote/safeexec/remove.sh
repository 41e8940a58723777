# remove.sh ($jail $records): removes safeexec from the host: the program that we put there, and the firewall rule.
# uses: confine.sh jail.sh made-directories.sh safeexec/firewall.sh safeexec/program.sh
open_program
[ -d "$records" ] || return 0
still_mine || return 0
lock_jail
drop_firewall_rule
read_program
if is_owned; then
	rm -f "./$name"
elif [ "$program_is" != none ]; then
	warn "$program is not the program that was put there any more: left alone"
fi
remove_made_directories "$jail"
rm -rf "$records"
if rmdir "${records%/*}" 2>/dev/null; then rmdir "$(dirname "${records%/*}")" 2>/dev/null || :; fi
