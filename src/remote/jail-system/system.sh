# The files that programs expect of a system: the part `system` of the manifest (manifest.sh). Copies from the host are
# time zones, locales and $copies: only files that everybody may read there, never its accounts.
# uses: compare.sh jail-system/locale-archive.sh manifest-part.sh manifest.sh sources.sh walk.sh

zones_of_host=/usr/share/zoneinfo
locales_of_host=/usr/lib/locale

# Size in kB of the largest file that is copied from the host. The files that a jail needs are much smaller.
most_kb=16384

# list_system [USER…]: writes the wanted entries with their sources to $lists/wanted, from $locales, $localhost,
# $hostname, $copies, $links, $shebangs, $timezone, $all_timezones, $timezones, $tmp and $shm. USER is
# `NAME:FIRST_UID:LAST_UID:GID:HOME:SHELL`; LAST_UID may be `pid_max`. Writes a line `CODE REASON REMEDY` to
# $lists/lacks for each requirement that the host does not meet.
# shellcheck disable=SC2154  # the step's
list_system() {
	open_manifest system
	: >"$lists/lacks"
	: >"$lists/pairs.system"
	write_accounts "$@"
	write_hosts
	list_locales
	list_copies_of_host
	list_zones
	has_shebangs=no
	if [ "$shebangs" = yes ] && may_have_shebangs; then
		has_shebangs=yes
		write_env
	fi
	sum_sources "$lists/pairs.system"
	{
		awk -F "$tab" -v OFS="$tab" '{ print "file", $3, $4 == "usr/bin/env" ? "0755" : "0644", $4, $2 }' "$lists/sources.now"
		for link in $links; do printf 'link\t%s\t-\t%s\n' "${link#*:}" "${link%%:*}"; done
		[ "$has_shebangs" = no ] || printf 'link\t../../bin/python3\t-\tusr/bin/python3\n'
		# Directories that everybody may write to.
		[ "$tmp" != directory ] || printf 'dir\t-\t1777\ttmp\n'
		[ "$shm" != directory ] || printf 'dir\t-\t1777\tdev/shm\n'
	} >"$lists/wanted"
}

# compare_system: compares the jail with $lists/wanted, like compare. A directory that exists and that we did not make
# is not ours. A directory that is no longer wanted stays while something is in it.
compare_system() {
	compare "$lists/wanted"
	awk -F "$tab" '
		pass == "states" { state[$1] = $2; next }
		pass == "owned" { owned[$0]; next }
		$1 != "dir" || state[$4] != "ok" || $4 in owned
	' pass=states "$lists/states" pass=owned "$lists/owned" pass=wanted "$lists/wanted" >"$lists/wanted.own"
	mv -f "$lists/wanted.own" "$lists/wanted"
	awk -F "$tab" '$1 == "dir" && $3 != "-" { print $4 }' "$lists/recorded" | while IFS= read -r space; do
		if [ -d "./$space" ] && [ -n "$(ls -A "./$space")" ]; then printf '%s\tunneeded\n' "$space"; fi
	done >"$lists/left"
	awk 'pass == 1 { left[$0]; next } !($0 in left)' pass=1 "$lists/left" pass=2 "$lists/states" >"$lists/states.own"
	mv -f "$lists/states.own" "$lists/states"
}

# sources_of_host: prints the lines of sources.now about files of the host. Every step writes our own texts again, so
# their sources are not recorded.
sources_of_host() {
	awk -F "$tab" -v ours="$lists/" 'index($2, ours) != 1' "$lists/sources.now"
}

# lacks CODE REASON REMEDY: notes a requirement that the host does not meet.
lacks() {
	printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$lists/lacks"
}

# source_of PATH FILE: makes the file the source of a path in the jail.
source_of() {
	printf '%s\t%s\n' "$1" "$2" >>"$lists/pairs.system"
}

# write_text PATH: makes the text on standard input the content of a path in the jail.
write_text() {
	cat >"$lists/${1##*/}.text"
	source_of "$1" "$lists/${1##*/}.text"
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
	done | awk -F : -v OFS=: -v most="$pid_max" '$3 == "pid_max" { $3 = sprintf("%.0f", $2 + (most <= 32768 ? most : 0)) } { print }' >"$lists/users"
	# `*` matches no password. The jail has no shadow file.
	awk -F : -v OFS=: '
		BEGIN { print "root", "*", 0, 0, "root", "/", "/usr/sbin/nologin"; print "nobody", "*", 65534, 65534, "nobody", "/nonexistent", "/usr/sbin/nologin" }
		# Without sprintf, mawk writes a large number with an exponent.
		{ for (uid = $2; uid <= $3; uid++) { number = sprintf("%.0f", uid); print (uid == $2 ? $1 : $1 number), "*", number, $4, "", $5, $6 } }
	' "$lists/users" | write_text etc/passwd
	awk -F : -v OFS=: '
		BEGIN { print "root", "*", 0, ""; print "nogroup", "*", 65534, "" }
		$4 != 0 && $4 != 65534 && !seen[$4]++ { print $1, "*", $4, "" }
	' "$lists/users" | write_text etc/group
	printf 'passwd: files\ngroup: files\nhosts: files\n' | write_text etc/nsswitch.conf
}

# shellcheck disable=SC2154  # the step's
write_hosts() {
	IFS= read -r name_of_host </proc/sys/kernel/hostname || :
	{
		[ "$localhost" != yes ] || printf '127.0.0.1\tlocalhost\n::1\tlocalhost\n'
		case $name_of_host in
		'' | localhost | *[!A-Za-z0-9.-]*) ;;
		*) [ "$hostname" != yes ] || printf '127.0.1.1\t%s\n' "$name_of_host" ;;
		esac
	} >"$lists/hosts.text"
	[ ! -s "$lists/hosts.text" ] || source_of etc/hosts "$lists/hosts.text"
}

# may_have_shebangs: whether neither usr nor usr/bin in the jail is a symlink. In a jail made by hand, usr/bin may be a
# symlink to the directory that has python3.
may_have_shebangs() (
	to_jail
	[ ! -L ./usr ] && [ ! -L ./usr/bin ]
)

# write_env: makes usr/bin/env a Python script. On Linux a script can be the interpreter of another script.
write_env() {
	printf '#!/bin/python3 -S\nimport os, sys\n\nos.execvp(sys.argv[1], sys.argv[1:])\n' | write_text usr/bin/env
}

# list_copies_of_host: chooses for each of $copies the first source that everybody may read and that is not too large.
# Lists paths without such a source in $lists/lacking.
# shellcheck disable=SC2154  # the step's
list_copies_of_host() {
	printf '%s' "$copies" | tr ':' '\n' | sed -n '/^\//p' | tr '\n' '\0' | xargs -0 -r stat -L -c "%A %s$tab%n" 2>/dev/null |
		awk -F "$tab" -v most="$((1024 * most_kb))" '$1 ~ /^-......r/ && substr($1, 12) + 0 <= most { print $2 }' >"$lists/readable" || :
	printf '%s' "$copies" | awk -F : -v OFS="$tab" -v lacking="$lists/lacking" '
		pass == 1 { readable[$0]; next }
		{ for (i = 2; i <= NF; i++) if ($i in readable) { print $1, $i; next } print $1 >lacking }
	' pass=1 "$lists/readable" pass=2 - >>"$lists/pairs.system"
}

# list_locales: chooses the sources of $locales. The host's locales fit its C library, which JailLibraries copies.
# shellcheck disable=SC2154  # the step's
list_locales() {
	for locale in $locales; do list_locale "${locale%%:*}" "${locale#*:}"; done
}

# list_locale NAME NAME: chooses the host's directory of one of these names, or the locale of the first name in its
# archive.
list_locale() {
	for name; do
		if [ -f "$locales_of_host/$name/LC_CTYPE" ]; then
			find -L "$locales_of_host/$name" -type f -perm -0004 -size "-${most_kb}k" | sort | while IFS= read -r file; do source_of "${file#/}" "$file"; done
			return 0
		fi
	done
	if unpack_locale "$locales_of_host/locale-archive" "$1" "$lists/locales/$1"; then
		find "$lists/locales/$1" -type f | sort | while IFS= read -r file; do source_of "${locales_of_host#/}/${file#"$lists/locales/"}" "$file"; done
	elif [ "$2" = C.UTF-8 ]; then
		lacks no-locale "the host has no locale C.UTF-8 in $locales_of_host" \
			"install it (Debian: libc-bin or locales, Red Hat kinds: glibc-common, SUSE: glibc-locale-base), or set \`locale: none\`"
	else
		case $2 in *.*) charset=${2##*.} ;; *) charset=ISO-8859-1 ;; esac
		lacks no-locale "the host has no locale $2 in $locales_of_host" \
			"install it (Debian: package locales, then \`localedef -i ${2%%.*} -f $charset $2\`; Red Hat kinds: glibc-langpack-${2%%_*}; SUSE: glibc-locale), or leave it out of \`locales\`"
	fi
}

# list_zones: chooses the sources of the time zones and of etc/localtime. A time zone is a file that begins with `TZif`.
# Symlinks become copies, because a symlink could lead out of the jail.
# shellcheck disable=SC2154  # the step's
list_zones() {
	: >"$lists/zones"
	if [ "$all_timezones" = yes ] && [ -d "$zones_of_host" ]; then
		find -L "$zones_of_host" \( -path "$zones_of_host/posix" -o -path "$zones_of_host/right" \) -prune -o \
			-type f ! -name localtime ! -name posixrules -perm -0004 -exec stat -L -c "%i %s %z$tab%n" {} + >"$lists/candidates" || :
		awk -F "$tab" -v unknown="$lists/unknown" -v known="$lists/known" '
			pass == 1 { stat[$2] = $1; next }
			{ print $2 >(stat[$2] == $1 ? known : unknown) }
		' pass=1 "$part_sources" pass=2 "$lists/candidates"
		{
			read_records "$lists/known"
			read_records "$lists/unknown" | tr '\n' '\0' | xargs -0 -r grep -l '^TZif' || :
		} | sed "s|^$zones_of_host/||" | sort >"$lists/zones"
	elif [ "$all_timezones" != yes ]; then
		for zone in $timezones; do need_zone "$zone" && printf '%s\n' "$zone"; done >"$lists/zones" || :
	fi
	awk -v OFS="$tab" -v folder="$zones_of_host/" '{ print substr(folder, 2) $0, folder $0 }' "$lists/zones" >>"$lists/pairs.system"
	# Without etc/localtime the time zone is UTC.
	if [ "$timezone" != UTC ] || is_zone UTC; then
		if need_zone "$timezone"; then source_of etc/localtime "$zones_of_host/$timezone"; fi
	fi
}

# is_zone NAME: whether the host has a time zone.
is_zone() {
	[ -f "$zones_of_host/$1" ] && grep -q '^TZif' "$zones_of_host/$1"
}

# need_zone NAME: the same. Also notes that the host lacks it.
need_zone() {
	if is_zone "$1"; then return 0; fi
	lacks no-timezone "the host has no time zone $1 in $zones_of_host" "install tzdata there, or correct \`timezone\` and \`timezones\`"
	return 1
}

answer_system() {
	answer files "$(($(wc -l <"$lists/sources.now")))"
	answer zones "$(($(wc -l <"$lists/zones")))"
}
