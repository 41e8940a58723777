# The policy on owners and modes: what each path should be, and how the difference is put right.
# uses: accounts.sh listing.sh mounts.sh remove-trees.sh staging.sh walk.sh

shown_offenders=5

# read_policy ["MODE PATH"...]: of $owner, $group and $scratch_group.
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

# Removes what an operation of ours that was cut off has left: a second name of a file would keep us from changing it. Goes to the jail.
drop_left_folder() {
	to_jail
	if [ -e "./$swap" ] || [ -L "./$swap" ]; then remove_trees -name "$swap"; fi
}

# The folders besides scratch that everybody is to write to (`1777 tmp`). What lies in there is theirs who put it there.
writable_spaces() {
	printf '%s\n' "${overrides:-}" | sed -n 's/^...[2367] //p'
}

# Every path of the jail but what lies in those, as `mode uid gid links /type/path`. What is mounted there is not the jail's,
# names with a line break cannot be told apart in lines, and below a path that is too long nothing can be reached: all three are listed
# as things of another type, to be left alone.
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

# awk: take_apart reads a line of list_jail into mode, path and letter: d for a folder, f for a file, l for a link, and none for what is
# left alone, why says for which reason. path_of gives the path of a line of changes.
# shellcheck disable=SC2016  # awk's fields
listing_reader='
	function take_apart(line,    start, rest, type) {
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
		# The other name may be outside the jail.
		else if ($4 > 1) why = "has a second name (hard link)"
		else letter = "f"
	}
	function path_of(line,    i) { for (i = 0; i < 7; i++) sub(/^[^ ]+ /, "", line); return line }
'

# Compares the listing on standard input with the policy. Lines out: `mode uid gid letter oldmode olduid oldgid path`,
# and `!`, why and path, parted by tabs, for what is left alone.
compare_with_policy() {
	OVERRIDES=$overrides awk -v uid="$owner_id" -v gid="$group_id" -v scratch="$scratch_id" "$listing_reader"'
		BEGIN {
			count = split(ENVIRON["OVERRIDES"], lines, "\n")
			for (i = 1; i <= count; i++) override[substr(lines[i], 6)] = substr(lines[i], 1, 4)
		}
		{
			take_apart($0)
			if (letter == "") { if (why !~ /^is a (character|block)/) print "!\t" why "\t" path; next }
			top = (path !~ /\//)
			wanted = letter == "d" ? (top ? "0751" : "0755") : ((substr(mode, 2, 1) % 2) ? "0755" : (top ? "0640" : "0644"))
			# Programs, and the loader, which the kernel starts: without their x bits nothing would run, whoever took them.
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

# given_back RECORD: of the changes that were made (lines of compare_with_policy turned round), those whose path is still of the same type
# in the listing on standard input, and no hard link: find leads through no link, so that a path behind one is not in it.
given_back() {
	awk "$listing_reader"'
		pass == 1 { take_apart($0); is[path] = letter; next }
		is[path_of($0)] == $4 { print }
	' pass=1 - pass=2 "$1" |
		# No file gets a setuid or setgid bit back: its content may be another by now.
		sed 's/^[0-7]\([0-7]* [0-9]* [0-9]* f \)/0\1/'
}

# only_root_leads CHANGES: whether nobody but root can rename anything on the way to the paths of these changes, so that a path means
# the same from the listing, which is on standard input, to the last command.
only_root_leads() {
	awk "$listing_reader"'
		pass == 1 { path = path_of($0); while (sub(/\/[^\/]*$/, "", path)) way[path]; way["."]; next }
		{ take_apart($0) }
		letter == "d" && path in way && ($2 != 0 || substr(mode, 3, 1) % 4 >= 2 || substr(mode, 4, 1) % 4 >= 2) { exit 1 }
	' pass=1 "$1" pass=2 -
}

# apply_changes CHANGES LISTING: does what the lines `mode uid gid letter … path` of a file say (format of compare_with_policy), which
# come from this listing. Files before folders and deep folders before shallow ones: as long as root still has the way, nobody can bend it.
apply_changes() {
	if only_root_leads "$1" <"$2"; then
		grep -E '^[0-7]+ [0-9]+ [0-9]+ [fl] ' "$1" >"$1.part" || :
		# Owners first: a change of owner clears bits of the mode.
		change_owners "$1.part"
		change_modes "$1.part"
		# One by one, and its owner last: what is handed over is not ours any more, nor is the way to what lies in it.
		grep -E '^[0-7]+ [0-9]+ [0-9]+ d ' "$1" | sort -r -k 8 | while read_change; do
			# With a fifth digit: without it a folder keeps its setgid bit.
			chmod "0$mode" "./$path"
			chown -h "$uid:$gid" "./$path"
		done
		rm -f "$1.part"
	else
		hold_folder
		trap drop_folder EXIT
		while read_change; do change_carefully "$mode" "$uid:$gid" "$letter" "$path"; done <"$1"
		trap - EXIT
		drop_folder
	fi
}

# Reads one line into $mode, $uid, $gid, $letter and $path; a plain `read` would take white space from the path's ends.
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

# Somebody else may rename things while we work: hold the very object where nobody can exchange it, see that it is the one that was
# meant, and only then change it.
change_carefully() {
	case $4 in
	*/*) careful_folder=${4%/*} ;;
	*) careful_folder=. ;;
	esac
	if ! go_in_jail "$careful_folder"; then return 0; fi
	careful_name=${4##*/}
	careful_is=same
	"change_$3" "$1" "$2"
	[ "$careful_is" = same ] || warn "$4 was changed while we looked at it: left alone"
	to_jail
}

# A folder is held by being in it.
change_d() {
	if ! go_to "$careful_name"; then careful_is=another && return 0; fi
	chown "$2" .
	chmod "0$1" .
}

# A file gets a second name in our held folder. It is not opened: it could be a FIFO by now, which never opens, or lead to a device.
change_f() {
	if ! ln "./$careful_name" "$held/file"; then careful_is=another && return 0; fi
	case $(stat -c '%h %F' "$held/file") in
	'2 regular'*)
		chown -h "$2" "$held/file"
		chmod "0$1" "$held/file"
		;;
	*) careful_is=another ;;
	esac
	rm -f "$held/file"
}

# A link cannot be held: once its owner is changed by its name, that may be a file's outside (a hard link). One of the same text, made
# where nobody else can exchange it, takes its place.
change_l() {
	# With an x after it: the text may end in line breaks.
	if [ ! -L "./$careful_name" ] || ! careful_text=$(readlink -n "./$careful_name" && printf x); then careful_is=another && return 0; fi
	ln -s -- "${careful_text%x}" "$held/link"
	chown -h "$2" "$held/link"
	if [ ! -L "./$careful_name" ] || ! mv -f -T -- "$held/link" "./$careful_name"; then
		rm -f "$held/link"
		careful_is=another
	fi
}

# Answers what compare_with_policy printed: the first offenders in words, how many there are, what is left alone.
answer_offenders() {
	awk -v most="$shown_offenders" -v tab="$tab" '
		function account(uid, gid) { return uid ":" gid }
		function shown(path) { gsub(tab, "?", path); return length(path) > 200 ? substr(path, 1, 200) "..." : path }
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
