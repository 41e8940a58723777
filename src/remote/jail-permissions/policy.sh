# Compare the jail with the policy on owners and modes, and apply it.
# uses: accounts.sh listing.sh mounts.sh remove-trees.sh staging.sh vis.sh walk.sh

shown_offenders=5

# read_policy ["MODE PATH"...]: reads the policy of $owner, $group and $scratch_group, with these overrides.
# shellcheck disable=SC2154  # the step's
read_policy() {
	owner_id=$(number_of "$owner" passwd)
	group_id=$(number_of "$group" group)
	scratch_id=$(number_of "$scratch_group" group)
	overrides=$(for override; do printf '%s\n' "$override"; done)
}

number_of() {
	account_number "$@" || fail no-account "there is no $1 in the host's $2" "create it, or correct \`owner\`, \`group\` and \`scratchGroup\`"
}

# Removes the staging directory that an interrupted operation of ours left. A hard link in it would keep us from
# changing the file's owner and mode. Enters the jail's directory.
remove_left_staging() {
	to_jail
	if [ -e "./$staging_name" ] || [ -L "./$staging_name" ]; then remove_trees -name "$staging_name"; fi
}

# Prints the directories besides scratch that everybody may write to (`1777 tmp`). Their content belongs to those who
# put it there.
writable_spaces() {
	printf '%s\n' "${overrides:-}" | sed -n 's/^...[2367] //p'
}

# Prints every path of the jail as `mode uid gid links /type/path`, except the content of scratch and of those
# directories. Lists three kinds of paths as another type, so that they are left alone: mount points, which are not part
# of the jail; names with a line break, which lines cannot represent; and paths that are too long, below which nothing
# can be reached.
list_jail() {
	set -- -path './scratch/*'
	while IFS= read -r space; do
		[ -n "$space" ] || continue
		set -- "$@" -o -path "./$(printf '%s\n' "$space" | escaped)/*"
	done <<-END
		$(writable_spaces)
	END
	while IFS= read -r mount; do
		mount=.${mount#"$jail"}
		case $mount in
		. | ./scratch/*) continue ;;
		esac
		printf '0 0 0 1 /mount point/%s\n' "$mount"
		set -- "$@" -o -path "$(printf '%s\n' "$mount" | escaped)"
	done <<-END
		$(mounts_below "$jail")
	END
	find -P . -xdev \( \( "$@" \) -prune \) -o -path "$too_long" ! -path "*$line_break*" -prune -exec stat -c '0 0 0 1 /path that is too long/%n' {} + \
		-o \( ! -path "$too_long" -o -prune \) ! -path "*$line_break*" -exec stat -c '%a %u %g %h /%F/%n' {} + \
		-o -exec stat -c '0 0 0 1 /name with a line break/inode %i' {} +
}

# Awk functions. parse_line parses a line of list_jail into mode, path and letter: d for a directory, f for a file, l
# for a symlink. The letter is empty for a path that is left alone; then why is the reason. path_of returns the path of
# a line of changes.
# shellcheck disable=SC2016  # awk's fields
listing_reader='
	function parse_line(line,    start, rest, type) {
		start = index(line, "/")
		rest = substr(line, start + 1)
		type = substr(rest, 1, index(rest, "/") - 1)
		path = substr(rest, index(rest, "/") + 1)
		sub(/^\.\//, "", path)
		mode = sprintf("%04d", $1)
		letter = why = ""
		if (type == "directory") letter = "d"
		else if (type == "symbolic link") letter = "l"
		else if (type !~ /^regular/) why = "is a " type
		# The other name may be outside of the jail.
		else if ($4 > 1) why = "has a second name (hard link)"
		else letter = "f"
	}
	function path_of(line,    i) { for (i = 0; i < 7; i++) sub(/^[^ ]+ /, "", line); return line }
'

# Compares the listing on standard input with the policy. Prints lines `mode uid gid letter oldmode olduid oldgid path`.
# Prints `!`, the reason and the path, separated by tabs, for paths that are left alone.
compare_with_policy() {
	OVERRIDES=$overrides awk -v uid="$owner_id" -v gid="$group_id" -v scratch="$scratch_id" "$listing_reader"'
		BEGIN {
			count = split(ENVIRON["OVERRIDES"], lines, "\n")
			for (i = 1; i <= count; i++) override[substr(lines[i], 6)] = substr(lines[i], 1, 4)
		}
		{
			parse_line($0)
			if (letter == "") { if (why !~ /^is a (character|block)/) print "!\t" why "\t" path; next }
			top = (path !~ /\//)
			wanted = letter == "d" ? (top ? "0751" : "0755") : ((substr(mode, 2, 1) % 2) ? "0755" : (top ? "0640" : "0644"))
			# Programs, and the loader, which the kernel starts: always executable, or nothing would run.
			if (path == "bin" || path == "static" || path ~ /^(lib\/[^\/]+\/\.program\/)?bin\/[^\/]+$/ || path ~ /^(\.libraries\/[^\/]+\/)?(usr\/)?lib.*\/ld(-[^\/]*)?\.so[^\/]*$/) wanted = "0755"
			if (path == "scratch") wanted = "0770"
			if (path in override) wanted = override[path]
			if (letter == "l") wanted = mode
			wanted_uid = path == "." ? $2 : uid
			wanted_gid = path == "." ? $3 : (path == "scratch" ? scratch : gid)
			if (mode != wanted || $2 != wanted_uid || $3 != wanted_gid) print wanted, wanted_uid, wanted_gid, letter, mode, $2, $3, path
		}
	'
}

# list_restorable RECORD: prints the recorded changes (lines of compare_with_policy, reversed) whose path still has the
# same type in the listing on standard input and is no hard link. find follows no symlink, so a path behind one is not
# in the listing.
list_restorable() {
	awk "$listing_reader"'
		pass == 1 { parse_line($0); is[path] = letter; next }
		is[path_of($0)] == $4 { print }
	' pass=1 - pass=2 "$1" |
		# Restore no setuid or setgid bit of a file: its content may have changed.
		sed 's/^[0-7]\([0-7]* [0-9]* [0-9]* f \)/0\1/'
}

# only_root_can_rename CHANGES: succeeds if only root can rename the parent directories of these changes. Then a path
# means the same from the listing, which is on standard input, to the last command.
only_root_can_rename() {
	awk "$listing_reader"'
		pass == 1 { path = path_of($0); while (sub(/\/[^\/]*$/, "", path)) way[path]; way["."]; next }
		{ parse_line($0) }
		letter == "d" && path in way && ($2 != 0 || substr(mode, 3, 1) % 4 >= 2 || substr(mode, 4, 1) % 4 >= 2) { exit 1 }
	' pass=1 "$1" pass=2 -
}

# apply_changes CHANGES LISTING: applies the lines `mode uid gid letter … path` of a file (format of
# compare_with_policy), which come from this listing. Changes files before directories, and deep directories before
# shallow ones: as long as root owns the parents, nobody else can replace them.
apply_changes() {
	if only_root_can_rename "$1" <"$2"; then
		grep -E '^[0-7]+ [0-9]+ [0-9]+ [fl] ' "$1" >"$1.part" || :
		# Change owners first, as that clears bits of the mode.
		change_owners "$1.part"
		change_modes "$1.part"
		# Change directories one by one, and the owner last: after that the new owner can change what is in it.
		grep -E '^[0-7]+ [0-9]+ [0-9]+ d ' "$1" | sort -r -k 8 | while read_change; do
			# With a fifth digit: without it a directory keeps its setgid bit.
			chmod "0$mode" "./$path"
			chown -h "$uid:$gid" "./$path"
		done
		rm -f "$1.part"
	else
		make_staging
		trap remove_staging EXIT
		while read_change; do change_carefully "$mode" "$uid:$gid" "$letter" "$path"; done <"$1"
		trap - EXIT
		remove_staging
	fi
}

# Reads one line into $mode, $uid, $gid, $letter and $path. A plain `read` would strip white space from the path.
read_change() {
	IFS= read -r line || return 1
	path=${line#* * * * * * * }
	mode=${line%% *}
	line=${line#* }
	uid=${line%% *}
	line=${line#* }
	gid=${line%% *}
	line=${line#* }
	letter=${line%% *}
}

change_owners() {
	cut -d ' ' -f 2,3 "$1" | sort -u | while read -r uid gid; do
		paths_of "$1" "^[0-7]+ $uid $gid " | xargs -0 chown -h "$uid:$gid" -- || exit 1
	done
}

change_modes() {
	grep -Ev '^[0-7]+ [0-9]+ [0-9]+ l ' "$1" | cut -d ' ' -f 1 | sort -u | while read -r mode; do
		paths_of "$1" "^$mode [0-9]+ [0-9]+ f " | xargs -0 chmod "0$mode" -- || exit 1
	done
}

paths_of() {
	grep -E "$2" "$1" | cut -d ' ' -f 8- | sed 's|^|./|' | tr '\n' '\0'
}

# Changes one path while others may rename things in the jail. Each change_… function gets hold of the file itself where
# nobody can replace it, checks that it is the right one, and only then changes it.
change_carefully() {
	go_to_parent "$4" || return 0
	careful_name=${4##*/}
	careful_is=same
	"change_$3" "$1" "$2"
	[ "$careful_is" = same ] || warn "$4 was changed while we read it: left alone"
	to_jail
}

# Enters the directory: the shell keeps it, whatever its path becomes.
change_d() {
	if ! go_to "$careful_name"; then careful_is=another && return 0; fi
	chown "$2" .
	chmod "0$1" .
}

# Makes a hard link to the file in the staging directory. Does not open the file: by now it could be a FIFO, which
# blocks, or lead to a device.
change_f() {
	if ! ln "./$careful_name" "$staging/file"; then careful_is=another && return 0; fi
	case $(stat -c '%h %F' "$staging/file") in
	'2 regular'*)
		chown -h "$2" "$staging/file"
		chmod "0$1" "$staging/file"
		;;
	*) careful_is=another ;;
	esac
	rm -f "$staging/file"
}

# A symlink cannot be opened: by the time its owner is changed by its name, that name may be a hard link to a file
# outside. So makes a symlink with the same text in the staging directory, and replaces the old one with it.
change_l() {
	# Append an x: the shell strips line breaks from the end of the text.
	if [ ! -L "./$careful_name" ] || ! careful_text=$(readlink -n "./$careful_name" && printf x); then careful_is=another && return 0; fi
	ln -s -- "${careful_text%x}" "$staging/link"
	chown -h "$2" "$staging/link"
	if [ ! -L "./$careful_name" ] || ! mv -f -T -- "$staging/link" "./$careful_name"; then
		rm -f "$staging/link"
		careful_is=another
	fi
}

# Answers what compare_with_policy printed: the first paths that differ, how many there are, and what is left alone.
answer_offenders() {
	awk -v most="$shown_offenders" -v tab="$tab" "$vis_writer"'
		function account(uid, gid) { return uid ":" gid }
		function shown(path) { return length(path) > 200 ? vis(substr(path, 1, 200)) "..." : vis(path) }
		$1 == "!" {
			split($0, part, tab)
			path = substr($0, length(part[2]) + 4)
			if (++alone <= most) print "left-alone" tab shown(path) tab part[2]
			next
		}
		{
			path = $0
			for (i = 0; i < 7; i++) sub(/^[^ ]+ /, "", path)
			if (++total <= most) print "offender" tab shown(path) tab $5 " " account($6, $7) tab $1 " " account($2, $3)
		}
		END { print "offenders" tab total + 0 }
	' | tr '\000-\010\013-\037\177' '?' >&3
}
