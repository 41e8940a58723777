# What programs expect of a system: $records/system/ is as in placed-files.sh, and has
#   spaces    the folders that everybody may write to and that we made
#   sums      `STAT SHA256 FILE` of the host's files as they were: where the stat holds, nothing is read
# What is copied from the host is for everybody to read there: zones and the locale, never its accounts.
# uses: placed-files.sh records.sh remove-paths.sh staging.sh walk.sh

zones_of_host=/usr/share/zoneinfo
locales_of_host=/usr/lib/locale

open_system() {
	open_placed "$records/system"
	cat "$placed/spaces" 2>/dev/null >"$work/spaces.old" || :
	cat "$placed/sums" 2>/dev/null >"$work/sums.old" || :
}

# list_system [USER…]: what there should be, as $work/wanted, and $work/spaces: of $locale, $localhost, $timezone, $all_timezones, $timezones (a list), $tmp and
# $shm.
# USER is `NAME:FIRST_UID:LAST_UID:GID:HOME:SHELL`; LAST_UID may be `pid_max`. What the host lacks stands in $work/lacks, as `CODE REASON REMEDY`.
# shellcheck disable=SC2154  # the step's
list_system() {
	: >"$work/spaces"
	if [ "$tmp" = directory ]; then echo tmp >>"$work/spaces"; fi
	if [ "$shm" = directory ]; then echo dev/shm >>"$work/spaces"; fi
	: >"$work/lacks"
	: >"$work/sources"
	write_accounts "$@"
	list_locale
	list_zones
	sum_sources
	awk -F "$tab" -v OFS="$tab" 'pass == 1 { sum[$3] = $2; next } { print sum[$2], "file", $1, $2 }' pass=1 "$work/sums" pass=2 "$work/sources" >"$work/wanted"
}

# $work/sums: as in the records, of all sources. Reads those alone that are new or another than they were.
sum_sources() {
	awk -F "$tab" 'pass == 1 { known[$2]; next } !($2 in known) { print $2 }' pass=1 "$work/stats" pass=2 "$work/sources" | tr '\n' '\0' |
		xargs -0 stat -L -c "%i %s %z$tab%n" -- >"$work/more"
	cat "$work/more" >>"$work/stats"
	awk -F "$tab" -v OFS="$tab" -v unread="$work/unread" '
		pass == 1 { stat[$3] = $1; sum[$3] = $2; next }
		stat[$2] == $1 { print $1, sum[$2], $2; next }
		{ print >unread }
	' pass=1 "$work/sums.old" pass=2 "$work/stats" >"$work/sums"
	[ -s "$work/unread" ] || return 0
	cut -f 2 "$work/unread" | tr '\n' '\0' | xargs -0 sha256sum -- >"$work/read"
	awk -F "$tab" -v OFS="$tab" 'pass == 1 { sum[substr($0, 67)] = substr($0, 1, 64); next } { print $1, sum[$2], $2 }' pass=1 "$work/read" pass=2 "$work/unread" >>"$work/sums"
}

# Our own texts are made anew by every step: only what is the host's is worth a record.
record_sums() {
	[ -d "$placed" ] || return 0
	awk -F "$tab" -v ours="$work/" 'index($3, ours) != 1' "$work/sums" | sort -u >"$work/sums.new"
	record sums "$work/sums.new"
}

# lacks CODE REASON REMEDY
lacks() {
	printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$work/lacks"
}

# source_of PATH FILE: what is in the file is to be at the path.
source_of() {
	printf '%s\t%s\n' "$1" "$2" >>"$work/sources"
}

# Text on standard input becomes a file of the jail.
write_text() {
	cat >"$work/${1##*/}.text"
	source_of "$1" "$work/${1##*/}.text"
}

# shellcheck disable=SC2154  # the step's
write_accounts() {
	pid_max=$(cat /proc/sys/kernel/pid_max)
	for user; do
		case $user in
		*:*:pid_max:*)
			if [ "$pid_max" -gt 32768 ]; then
				lacks pid-max "kernel.pid_max is $pid_max: an entry in etc/passwd for each uid would be too many" \
					"set kernel.pid_max = 32768 (in /etc/sysctl.d), or leave \`lastUid\` out and have your runner set HOME, USER and LOGNAME"
			fi
			;;
		esac
		printf '%s\n' "$user"
	done | awk -F : -v OFS=: -v most="$pid_max" '$3 == "pid_max" { $3 = sprintf("%.0f", $2 + (most <= 32768 ? most : 0)) } { print }' >"$work/users"
	# No password fits `*`, and there is no shadow file.
	awk -F : -v OFS=: '
		BEGIN { print "root", "*", 0, 0, "root", "/", "/usr/sbin/nologin"; print "nobody", "*", 65534, 65534, "nobody", "/nonexistent", "/usr/sbin/nologin" }
		# Mawk would write a large number with an exponent.
		{ for (uid = $2; uid <= $3; uid++) { number = sprintf("%.0f", uid); print (uid == $2 ? $1 : $1 number), "*", number, $4, "", $5, $6 } }
	' "$work/users" | write_text etc/passwd
	awk -F : -v OFS=: '
		BEGIN { print "root", "*", 0, ""; print "nogroup", "*", 65534, "" }
		$4 != 0 && $4 != 65534 && !seen[$4]++ { print $1, "*", $4, "" }
	' "$work/users" | write_text etc/group
	printf 'passwd: files\ngroup: files\nhosts: files\n' | write_text etc/nsswitch.conf
	if [ "$localhost" = yes ]; then printf '127.0.0.1\tlocalhost\n::1\tlocalhost\n' | write_text etc/hosts; fi
}

# The host's C library and its locale are of one make, and JailLibraries copies that library.
# shellcheck disable=SC2154  # the step's
list_locale() {
	[ "$locale" != none ] || return 0
	for name in C.utf8 C.UTF-8; do
		if [ -f "$locales_of_host/$name/LC_CTYPE" ]; then
			find "$locales_of_host/$name" -type f -perm -0004 | sort | while IFS= read -r file; do source_of "${file#/}" "$file"; done
			return 0
		fi
	done
	lacks no-locale "the host has no locale C.UTF-8 in $locales_of_host" \
		"install it (Debian: libc-bin or locales, Red Hat kinds: glibc-common, SUSE: glibc-locale-base), or set \`locale: none\`"
}

# Zones are known by their first bytes, as zoneinfo knows them. Links become copies; a link could lead out of the jail.
# shellcheck disable=SC2154  # the step's
list_zones() {
	: >"$work/zones"
	: >"$work/stats"
	if [ "$all_timezones" = yes ] && [ -d "$zones_of_host" ]; then
		find -L "$zones_of_host" \( -path "$zones_of_host/posix" -o -path "$zones_of_host/right" \) -prune -o \
			-type f ! -name localtime ! -name posixrules -perm -0004 -exec stat -L -c "%i %s %z$tab%n" {} + >"$work/candidates" || :
		awk -F "$tab" -v unknown="$work/unknown" '
			pass == 1 { stat[$3] = $1; next }
			stat[$2] == $1 { print; next }
			{ print >unknown }
		' pass=1 "$work/sums.old" pass=2 "$work/candidates" >"$work/stats"
		if [ -f "$work/unknown" ]; then
			cut -f 2 "$work/unknown" | tr '\n' '\0' | xargs -0 grep -l '^TZif' >"$work/new" || :
			awk -F "$tab" 'pass == 1 { new[$0]; next } $2 in new' pass=1 "$work/new" pass=2 "$work/unknown" >>"$work/stats"
		fi
		cut -f 2 "$work/stats" | sed "s|^$zones_of_host/||" | sort >"$work/zones"
	elif [ "$all_timezones" != yes ]; then
		for zone in $timezones; do need_zone "$zone" && printf '%s\n' "$zone"; done >"$work/zones" || :
	fi
	awk -v OFS="$tab" -v folder="$zones_of_host/" '{ print substr(folder, 2) $0, folder $0 }' "$work/zones" >>"$work/sources"
	# Without etc/localtime it is UTC.
	if [ "$timezone" != UTC ] || is_zone UTC; then
		if need_zone "$timezone"; then source_of etc/localtime "$zones_of_host/$timezone"; fi
	fi
}

is_zone() {
	[ -f "$zones_of_host/$1" ] && grep -q '^TZif' "$zones_of_host/$1"
}

need_zone() {
	if is_zone "$1"; then return 0; fi
	lacks no-timezone "the host has no time zone $1 in $zones_of_host" "install tzdata there, or correct \`timezone\` and \`timezones\`"
	return 1
}

# The spaces that are not as they should be: $work/spaces.states, as `PATH STATE`. `left`: not wanted any more, but not empty.
look_at_spaces() {
	while IFS= read -r space; do
		status=0
		(go_to "$space") || status=$?
		case $status in
		1) printf '%s\tmissing\n' "$space" ;;
		2) printf '%s\tno-folder\n' "$space" ;;
		esac
	done <"$work/spaces" >"$work/spaces.states"
	sort "$work/spaces" | comm -13 - "$work/spaces.old" | while IFS= read -r space; do
		(
			if ! go_to "$space"; then exit 0; fi
			if [ -z "$(ls -A .)" ]; then state=unneeded; else state=left; fi
			printf '%s\t%s\n' "$space" "$state"
		)
	done >>"$work/spaces.states"
}

refuse_spaces() {
	no_folder=$(sed -n "s/${tab}no-folder\$//p" "$work/spaces.states" | head -n 1)
	if [ -n "$no_folder" ]; then
		fail in-the-way "$no_folder in the jail is no folder" "see what it is and remove it, then run \`pulumi up\` again"
	fi
}

# Makes what is wanted, and takes away what we made and is not wanted any more.
ensure_spaces() {
	[ -s "$work/spaces.states" ] || return 0
	private_directory "$placed"
	awk -F "$tab" '$2 == "missing" { print $1 }' "$work/spaces.states" | sort -u - "$work/spaces.old" >"$work/spaces.both"
	record spaces "$work/spaces.both"
	while IFS=$tab read -r space state; do
		case $space in
		*/*) folder=${space%/*} ;;
		*) folder=. ;;
		esac
		case $state in
		missing)
			hold_folder
			mkdir "$held/space"
			chmod 1777 "$held/space"
			make_folders "$folder"
			put "$held/space" "${space##*/}"
			drop_folder
			;;
		unneeded) printf '%s\n' "$space" | remove_paths ;;
		left) warn "$space in the jail is not empty: left there" ;;
		esac
	done <"$work/spaces.states"
	to_jail
	while IFS= read -r space; do
		if [ -d "./$space" ]; then printf '%s\n' "$space"; fi
	done <"$work/spaces.both" >"$work/spaces.new"
	record spaces "$work/spaces.new"
}

answer_system() {
	answer files "$(($(wc -l <"$work/wanted")))"
	answer zones "$(($(wc -l <"$work/zones")))"
}
