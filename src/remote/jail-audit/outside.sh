# outside.sh ($jail $records $safeexec $owner $uid $gid "$@"): does the static part of the audit. Writes nothing, follows
# no symlink of the jail, and runs nothing in it. $uid and $gid are those of sandboxed programs, $owner is the owner of
# the jail's directory, each of "$@" is a device, `PATH MAJOR MINOR MODE`. Answers `checked CHECK` for each check, and
# `found CHECK LEVEL TEXT` for each finding: LEVEL is fail, warn, none (not applicable) or note.
# uses: accounts.sh jail-audit/jail.sh jail-libraries/closure.sh jail-libraries/resolves.sh listing.sh mounts.sh

open_audited || return 0
audit=$(temporary_directory)
trap 'rm -rf "$audit"' EXIT
devices=$(for device; do printf '%s\n' "$device"; done)

# safeexec runs each program as the user 10000 + its process id. Its README reserves this range.
first_uid=10000
last_uid=42768

checked() {
	for check; do answer checked "$check"; done
}

# found CHECK LEVEL TEXT: answers one finding.
found() {
	answer found "$1" "$2" "$(one_line "$3")"
}

# found_lines CHECK LEVEL SUFFIX: answers the first lines on standard input, each with the suffix, and how many more
# there are.
found_lines() {
	CHECK=$1 LEVEL=$2 SUFFIX=$3 awk -v tab="$tab" '
		NR <= 5 { gsub(tab, "?"); print "found" tab ENVIRON["CHECK"] tab ENVIRON["LEVEL"] tab substr($0, 1, 200) ENVIRON["SUFFIX"] }
		END { if (NR > 5) print "found" tab ENVIRON["CHECK"] tab "note" tab (NR - 5) " more" }
	' | tr '\000-\010\013-\037\177' '?' >&3
}

# Prints every path of the jail's file system, as `mode uid gid links inode major minor /type/path`. Also lists paths
# whose name has a line break, and paths that are too long to read what is below them.
list_everything() {
	unless_gone find -P . -xdev -path "$too_long" ! -path "*$line_break*" -prune -exec stat -c '%a %u %g %h %i %t %T /path that is too long/%n' {} + \
		-o \( ! -path "$too_long" -o -prune \) ! -path "*$line_break*" -exec stat -c '%a %u %g %h %i %t %T /%F/%n' {} + \
		-o -exec stat -c '%a %u %g %h %i %t %T /%F/a name with a line break, inode %i' {} +
}

# Answers the findings about the mode, owner, type and hard links of each path.
check_paths() {
	DEVICES=$devices awk -v uid="$uid" -v gid="$gid" -v first="$first_uid" -v last="$last_uid" -v tab="$tab" '
		function tell(check, level, text) {
			if (++told[check] <= 5) { gsub(tab, "?", text); print "found" tab check tab level tab substr(text, 1, 200) }
		}
		function hex(text,    i, value) {
			for (i = 1; i <= length(text); i++) value = value * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
			return value + 0
		}
		function sandboxed(id) { return id == uid || id >= first && id <= last }
		BEGIN {
			count = split(ENVIRON["DEVICES"], lines, "\n")
			for (i = 1; i <= count; i++) { split(lines[i], part, " "); wanted[part[1]] = part[2] ":" part[3] " " part[4] }
		}
		{
			rest = substr($0, index($0, "/") + 1)
			type = substr(rest, 1, index(rest, "/") - 1)
			path = substr(rest, index(rest, "/") + 1)
			sub(/^\.\//, "", path)
			mode = sprintf("%04d", $1)
			special = substr(mode, 1, 1)
			group = substr(mode, 3, 1)
			others = substr(mode, 4, 1)
			scratch = path ~ /^scratch\//
			shown = path == "." ? "the jail itself" : path
			if (path in wanted) is[path] = type
		}
		type == "symbolic link" { next }
		type == "path that is too long" { tell("special-files", scratch ? "warn" : "fail", "too long a path, below which nothing was checked: " path); next }
		type != "directory" && special % 8 >= 4 { tell("setuid-files", "fail", shown " is setuid (" mode ", user " $2 ")") }
		type != "directory" && special % 4 >= 2 { tell("setuid-files", "fail", shown " is setgid (" mode ", group " $3 ")") }
		type ~ /^(character|block)/ {
			numbers = hex($6) ":" hex($7)
			if (type ~ /^block/) tell("device-nodes", "fail", path " is a block device (" numbers ")")
			else if (!(path in wanted)) tell("device-nodes", "fail", path " is a device that nobody declared (" numbers ")")
			else if (wanted[path] != numbers " " mode) tell("device-nodes", "fail", path " is " numbers " " mode ", should be " wanted[path])
			else if (sandboxed($2)) tell("device-nodes", "fail", path " belongs to user " $2)
			next
		}
		type == "fifo" || type == "socket" { tell("special-files", scratch ? "warn" : "fail", path " is a " (type == "fifo" ? "FIFO" : "socket")) }
		type ~ /^regular/ && $4 > 1 { names[$5]++; links[$5] = $4; named[$5] = path }
		scratch || path == "scratch" { next }
		others % 4 >= 2 || $3 == gid && group % 4 >= 2 || sandboxed($2) {
			why = sandboxed($2) ? "belongs to user " $2 : "is " mode (others % 4 >= 2 ? "" : ", group " $3)
			if (type == "directory" && mode == "1777" && (path == "tmp" || path == "dev/shm")) tell("writable-paths", "warn", path " " why ": a shared folder")
			else tell("writable-paths", "fail", shown " " why)
		}
		END {
			for (inode in names) if (names[inode] < links[inode]) tell("special-files", "fail", named[inode] " has " links[inode] " names (hard links), " links[inode] - names[inode] " outside the jail")
			for (path in wanted) {
				if (!(path in is)) tell("device-nodes", "fail", path " is missing")
				else if (is[path] !~ /^(character|block)/) tell("device-nodes", "fail", path " is a " is[path])
			}
			for (check in told) if (told[check] > 5) print "found" tab check tab "note" tab told[check] - 5 " more"
		}
	' | tr '\000-\010\013-\037\177' '?' >&3
}

list_everything >"$audit/everything"
check_paths <"$audit/everything"
checked setuid-files writable-paths device-nodes special-files

if have getcap; then
	getcap -r . 2>/dev/null | found_lines setuid-files fail ""
else
	found setuid-files warn "file capabilities could not be checked: the host has no getcap"
fi

# Check symlinks as seen from the host and from inside the jail: root's tools on the host follow them, too.
max_links=2000
unless_gone find -P . -xdev -path "$too_long" -prune -o -type l ! -path "*$line_break*" -print >"$audit/links"
if [ "$(wc -l <"$audit/links")" -gt "$max_links" ]; then
	found special-files warn "there are more than $max_links symbolic links: the others were not checked"
fi
head -n "$max_links" "$audit/links" | while IFS= read -r link; do
	target=$(readlink "$link" || :)
	real=$(readlink -f "$link" || :)
	case $target in
	/*) outside=yes ;;
	*)
		# The target cannot be resolved if a part of its path is missing: count its steps up.
		outside=$(printf '%s\n' "${link%/*}/$target" | awk -F / '{
			for (i = 1; i <= NF; i++) if ($i == "..") { if (--depth < 0) { print "yes"; exit } } else if ($i != "" && $i != ".") depth++
		}')
		;;
	esac
	case $real in
	'' | "$jail" | "$jail"/*) ;;
	*) outside=yes ;;
	esac
	[ -z "$outside" ] || printf '%s leads out of the jail, to %s\n' "${link#./}" "$target"
done | found_lines special-files fail ""

# chain PATH OWNER: prints who besides root can replace the path or a parent directory. OWNER may own the path itself.
chain() {
	chain_path=$1 chain_owner=$2
	while :; do
		# shellcheck disable=SC2046  # split into fields: none of them has white space
		set -- $(stat -L -c '%u %g %A' "$chain_path")
		if [ "$1" != 0 ] && [ "$1" != "$chain_owner" ]; then printf 'fail\t%s belongs to user %s\n' "$chain_path" "$1"; fi
		case $3 in
		????????w[tT]) printf 'warn\t%s can be written by everybody, though with the sticky bit\n' "$chain_path" ;;
		????????w?) printf 'fail\t%s can be written by everybody\n' "$chain_path" ;;
		?????w????) [ "$2" = 0 ] || printf 'fail\t%s can be written by group %s\n' "$chain_path" "$2" ;;
		esac
		[ "$chain_path" != / ] || break
		chain_path=$(dirname "$chain_path") chain_owner=0
	done
}

found_chain() {
	while IFS=$tab read -r level text; do found "$1" "$level" "$text"; done
}

owner_id=$(account_number "$owner" passwd || :)
chain "$jail" "${owner_id:-0}" | found_chain owner-chain
checked owner-chain

for option in nodev noexec; do
	for directory in . dev bin; do
		if [ -d "./$directory" ] && [ ! -L "./$directory" ] && has_option "./$directory" "$option"; then
			found mount-options fail "$([ "$directory" = . ] && printf '%s' "$jail" || printf '%s' "$jail/$directory") is on a file system mounted $option"
			break
		fi
	done
done
mounts_below "$jail" | found_lines mount-options warn " is mounted inside the jail: it was not checked"
if [ -n "$safeexec" ] && has_option "$(dirname "$safeexec")" nosuid; then
	found mount-options fail "$safeexec is on a file system mounted nosuid"
fi
checked mount-options

list_programs | sed 's|^[^/]*/[^/]*/||' | unresolved_in_jail |
	sed "s/$tab/ is needed by /; s/\$/, and is not inside/" | found_lines elf-resolves fail ""
if [ ! -e ./bin/python3 ] && [ ! -L ./bin/python3 ]; then found elf-resolves fail "there is no bin/python3"; fi
checked elf-resolves

# The libraries that were copied from the host, and where from, in lines `PLACE SOURCE HOW`: as the record says, or as its loader has
# them in a jail that was made by hand. HOW says which of them are unmanaged.
{
	awk -F "$tab" -v OFS="$tab" '{ print $4, $2, "" }' "$records/manifest/libraries.sources" 2>/dev/null || :
	# As the release before recorded them.
	awk -F "$tab" -v OFS="$tab" '{ print $1, $2, "" }' "$records/libraries/index" 2>/dev/null || :
	find -P . -xdev -path "$too_long" -prune -o \( -path './lib*/*.so*' -o -path './usr/lib*/*.so*' \) ! -path './lib*/python*' ! -name 'libpython*' ! -path "*$line_break*" \( -type f -o -type l \) -print |
		sed "s|^\./\(.*\)|\1$tab/\1$tab, and unmanaged|"
} | awk -F "$tab" '!seen[$1]++' >"$audit/libraries"
while IFS=$tab read -r place source how; do
	real=$(readlink -f "./$place" || :)
	case $real in
	"$jail"/*)
		# Read only regular files: a FIFO would block for ever.
		if [ ! -f "$real" ]; then
			printf '%s leads to what is no file%s\n' "$place" "$how"
		elif ! cmp -s "$real" "$source"; then
			printf '%s is not the present %s of the host%s\n' "$place" "$source" "$how"
		fi
		;;
	*) printf '%s is missing\n' "$place" ;;
	esac
done <"$audit/libraries" | found_lines library-hashes fail ""
[ -s "$audit/libraries" ] || found library-hashes none "no library of the host's is in the jail"
checked library-hashes

# subordinates FILE FIRST LAST: answers which users have subordinate ids (for containers) in this range.
subordinates() {
	[ -f "$1" ] || return 0
	awk -F : -v first="$2" -v last="$3" '$2 <= last && $2 + $3 > first { print $1 " has " $2 " to " sprintf("%.0f", $2 + $3 - 1) }' "$1" |
		found_lines safeexec-install warn " in $1, of which safeexec uses some"
}

if [ -n "$safeexec" ]; then
	# shellcheck disable=SC2046  # split into fields: none of them has white space
	set -- $(stat -L -c '%u %g %a' "$safeexec")
	if [ "$1:$2 $3" != "0:0 4755" ]; then found safeexec-install fail "$safeexec is $1:$2 $3, should be 0:0 4755"; fi
	chain "$(dirname "$(readlink -f "$safeexec")")" 0 | found_chain safeexec-install
	awk -F : -v first="$first_uid" -v last="$last_uid" '$3 >= first && $3 <= last { print $1 " has the uid " $3 }' /etc/passwd | found_lines safeexec-install warn ", which safeexec uses"
	subordinates /etc/subuid "$first_uid" "$last_uid"
	subordinates /etc/subgid "$gid" "$gid"
else
	found safeexec-install none "the host has no safeexec: programs run through chroot"
	awk -F : -v uid="$uid" '$3 == uid { print $1 " has the uid " $3 }' /etc/passwd | found_lines safeexec-install warn ", as which programs run"
fi
awk -F : -v gid="$gid" '$3 == gid { print $1 " has the gid " $3 }' /etc/group | found_lines safeexec-install warn ", as which programs run"
checked safeexec-install

awk 'NR > 1 { print $1 }' /proc/swaps | found_lines host-kernel warn " is in use for swapping: memory limits do not count it"
case $(cat /proc/sys/kernel/core_pattern) in
'|'*) found host-kernel warn "core dumps are piped to a program, whatever their limit: $(cat /proc/sys/kernel/core_pattern)" ;;
esac
checked host-kernel

# Look for the host's accounts in the jail's files, following no symlink.
for file in passwd group shadow gshadow; do
	if [ ! -d ./etc ] || [ -L ./etc ] || ! is_file "etc/$file" || [ ! -s "./etc/$file" ]; then continue; fi
	case $file in
	*shadow) found host-accounts fail "etc/$file is in the jail" ;;
	*)
		common=$(head -c 1000000 "./etc/$file" | awk 'pass == 1 { host[$0]; next } $0 in host && $0 !~ /^(root|nobody|nogroup):/ { common++ } END { print common + 0 }' pass=1 "/etc/$file" pass=2 -)
		[ "$common" -lt 3 ] || found host-accounts fail "etc/$file has $common of the host's own lines"
		;;
	esac
done
checked host-accounts
