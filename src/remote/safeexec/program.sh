# safeexec on one host, a setuid-root program at $program. In $records, as for a jail: path, host, lock. Besides:
#   built/       program (as it was built, not setuid) and source (from what); here only when whole
#   owned        the sha256 of every program that we have put at $program, also by a run that was cut off
#   firewall     the tool that our rule was given to
#   made-below   as in made-directories.sh
# uses: mounts.sh safeexec/firewall.sh safeexec/taken.sh walk.sh

# open_program: names its places. The step has the program's path as $jail: from here on that is its folder, in which all is done that is done in
# a jail.
open_program() {
	program=$jail
	name=${program##*/}
	jail=${program%/*}
	jail=${jail:-/}
	swap=.$name.python3jail
}

# look_at_program: what is at $program: `none`, `program` ($program_sha is its sha256), or in words what it is instead.
# Leaves us in its folder, where that is there.
look_at_program() {
	program_sha=
	look_status=0
	go_to "$jail" || look_status=$?
	if [ "$look_status" = 1 ]; then
		program_is=none
	elif [ "$look_status" = 2 ]; then
		fail symlink "$refused_component is a symbolic link or no directory" "give the real path of safeexec as \`path\`"
	elif [ -L "./$name" ]; then
		program_is='a symbolic link'
	elif [ ! -e "./$name" ]; then
		program_is=none
	elif [ -d "./$name" ]; then
		program_is='a folder'
	elif [ ! -f "./$name" ]; then
		program_is='a socket, FIFO or device'
	else
		program_is=program
		program_sha=$(sha256sum <"./$name" | cut -d ' ' -f 1)
	fi
}

# Whether we have put there what is there.
is_owned() {
	[ -n "$program_sha" ] && { [ "$program_sha" = "$(built_sha)" ] || { [ -f "$records/owned" ] && grep -Fqx -e "$program_sha" "$records/owned"; }; }
}

built_sha() {
	if [ -s "$records/built/source" ] && [ -s "$records/built/program" ]; then sha256sum <"$records/built/program" | cut -d ' ' -f 1; fi
}

# Whether $program is as it was built, root's and setuid.
is_right() {
	[ "$program_is" = program ] && [ "$program_sha" = "$(built_sha)" ] && [ "$(stat -c '%a %u:%g' "./$name")" = '4755 0:0' ]
}

# tell FIREWALL: all that the caller compares; with `yes` the firewall's rule too.
tell() {
	look_at_program
	if [ "$program_is" = program ]; then
		stat -c "%a$tab%U$tab%G" "./$name" | while IFS=$tab read -r mode user group; do
			answer program there "$program_sha" "$(printf '%04d' "$mode")" "$user" "$group"
		done
	else
		answer program "$program_is"
	fi
	answer built "$(built_sha)"
	answer source "$(one_line "$(cat "$records/built/source" 2>/dev/null || :)")"
	answer host "$(one_line "$(cat "$records/host" 2>/dev/null || :)")"
	if [ "$(pwd -P)" = "$jail" ]; then
		for option in nosuid noexec; do
			if has_option . "$option"; then answer dead "$option"; fi
		done
	fi
	if [ "$1" = yes ] || [ -s "$records/firewall" ]; then
		choose_firewall
		firewall_state=missing
		if [ -n "$firewall" ] && has_firewall_rule; then firewall_state=there; fi
		answer firewall "$firewall" "$firewall_state" "$(if [ -s "$records/firewall" ]; then echo ours; fi)"
	fi
	answer_taken "$1"
}
