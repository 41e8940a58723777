# Read the state of safeexec on the host: a setuid-root program at $program. $records has path, host and lock, as for a
# jail, and:
#   built/       program (as built, not setuid) and source (of what); exists only when complete
#   owned        the sha256 of every program that we have put at $program, also in an interrupted run
#   firewall     the tool that has our rule
#   made-below   as in made-directories.sh
# uses: mounts.sh safeexec/firewall.sh safeexec/taken.sh walk.sh

# open_program: sets the paths. $jail is the program's path at first. From here on it is the directory of the program,
# so that the functions for jails work in it.
open_program() {
	program=$jail
	name=${program##*/}
	jail=${program%/*}
	jail=${jail:-/}
	staging_name=.$name.python3jail
}

# read_program: sets $program_is to what is at $program: `none`, `program` ($program_sha is its sha256), or words for
# anything else. Enters its directory if that exists.
read_program() {
	program_sha=
	program_status=0
	go_to "$jail" || program_status=$?
	if [ "$program_status" = 1 ]; then
		program_is=none
	elif [ "$program_status" = 2 ]; then
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

# Succeeds if we have put the program there.
is_owned() {
	[ -n "$program_sha" ] && { [ "$program_sha" = "$(built_sha)" ] || { [ -f "$records/owned" ] && grep -Fqx -e "$program_sha" "$records/owned"; }; }
}

built_sha() {
	if [ -s "$records/built/source" ] && [ -s "$records/built/program" ]; then sha256sum <"$records/built/program" | cut -d ' ' -f 1; fi
}

# Succeeds if $program is the built one, belongs to root and is setuid.
is_as_built() {
	[ "$program_is" = program ] && [ "$program_sha" = "$(built_sha)" ] && [ "$(stat -c '%a %u:%g' "./$name")" = '4755 0:0' ]
}

# answer_program FIREWALL: answers everything that the caller compares; with `yes` also the state of the firewall rule.
answer_program() {
	read_program
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
