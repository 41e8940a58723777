# trace.sh ($jail $records $uid $gid $seconds "$@"): runs commands (each a line of quoted words) in the jail as an
# unprivileged user, under strace. Records the libraries that they looked for in vain and that the host has. The next
# apply copies them into the jail.
# uses: confine.sh jail-libraries/readable.sh jail.sh keep-earlier.sh limits.sh manifest-part.sh

open_jail
lock_jail
open_manifest libraries
is_recorded || fail no-libraries "the jail's libraries are not there yet, or not wholly" "run the same command again"
have strace || fail missing-tool "\`trace\` is given, and there is no strace on the host" "install strace on the host, or leave \`trace\` out"
for tool in timeout env; do have "$tool" || fail missing-tool "there is no $tool on the host" "install coreutils"; done
chroot --help 2>&1 | grep -q -e --userspec ||
	fail no-userspec "\`trace\` is given, and the host's chroot cannot give up root's rights" "install coreutils' chroot (busybox's is not enough), or leave \`trace\` out"

# In a process namespace of its own, a command leaves no process behind: all end with the first one.
apart=
if have unshare; then
	for try in '-n --pid --fork --kill-child' '-n'; do
		# shellcheck disable=SC2086  # words of ours
		if [ -z "$apart" ] && unshare $try true; then apart="unshare $try --"; fi
	done
fi

# run_traced WORD…: runs a command under strace and prints the trace. The command has root's rights until chroot drops
# them. It gets none of our file descriptors, and limits on time, memory, processes and file size.
sandbox_cpu=$seconds sandbox_memory=4194304 sandbox_processes=64 sandbox_file_kb=65536
run_traced() {
	limiting "$uid"
	{
		{
			code=0
			# shellcheck disable=SC2016,SC2086  # the inner sh expands it; words of ours
			(
				exec sh -c "$limiting" sh timeout -s KILL "$seconds" $apart strace -f -e trace=file -e signal=none -o /proc/self/fd/4 \
					sh -c 'exec "$@" 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-' sh \
					env -i PATH="$PATH" PYTHONIOENCODING=utf-8 PYTHONHOME=/ PYTHONPATH=/static PYTHONDONTWRITEBYTECODE=1 \
					chroot --userspec="+$uid:+$gid" --groups= "$jail" "$@" 2>&1 3>&- 9>&-
			) || code=$?
			echo "$code" >"$lists/code"
		} | tail -c 1000 >"$lists/said"
	} 4>&1
}

# An awk program that reads a trace. Prints `inside` once the command is in the jail, `looked PATH` for every library
# that it looked for, and `missed NAME PATH…` for each library that it found nowhere.
# shellcheck disable=SC2016  # awk's
lookups='
	{
		line = $0
		sub(/^[0-9]+ +/, "", line)
		if (line ~ / <unfinished \.\.\.>$/) { begun[$1] = line; next }
		if (line ~ /^<\.\.\. [a-z0-9_]+ resumed>/) line = begun[$1] line
	}
	!inside { if (line ~ /^chroot\(.*= 0$/) { inside = 1; print "inside" } next }
	match(line, /"\/[A-Za-z0-9._+@\/-]*"/) {
		path = substr(line, RSTART + 1, RLENGTH - 2)
		name = path
		sub(/.*\//, "", name)
		if (name !~ /\.so($|\.)/ || path ~ /\/\.?\.?\/|\/glibc-hwcaps\/|^\/(bin|dev|proc|scratch|static|sys|tmp|lib\/python[^\/]*)\//) next
		if (!(path in looked)) { looked[path]; print "looked\t" path }
		if (line !~ / = -1 E/) found[name]
		else if (!((name, path) in missed)) { missed[name, path]; places[name] = places[name] "\t" path }
	}
	END { for (name in places) if (!(name in found)) print "missed\t" name places[name] }
'

: >"$lists/looked"
: >"$lists/missed"
all_well=yes
number=0
for command; do
	number=$((number + 1))
	# Safe, because the control machine has quoted the words.
	eval "set -- $command"
	run_traced "$@" | awk "$lookups" >"$lists/trace"
	code=$(cat "$lists/code")
	said=$(grep -v '^[[:space:]]*$' "$lists/said" | tail -n 1)
	if ! grep -q '^inside$' "$lists/trace"; then
		fail no-trace "a command could not be traced in the jail: $said" "see whether the host lets root trace processes (strace), or leave \`trace\` out"
	fi
	if [ "$code" != 0 ]; then
		all_well=no
		answer ended "$number" "$code" "$(one_line "$said")"
	fi
	sed -n "s/^looked$tab//p" "$lists/trace" >>"$lists/looked"
	sed -n "s/^missed$tab//p" "$lists/trace" | LC_ALL=C sort >>"$lists/missed"
done

# is_library PATH: whether the path is a library of the host that everybody may read.
is_library() {
	[ -f "$1" ] && [ "$(head -c 4 "$1" | tr -d '\000')" = "$elf_magic" ] && may_read "$1"
}
elf_magic=$(printf '\177ELF')

# A library from earlier runs stays while a command looks for it. If a command failed, all of them stay: it may have
# ended too early.
fact traced >"$lists/known"
if [ "$all_well" = yes ]; then
	awk '
		pass == 1 { looked[$0]; sub(/.*\//, ""); looked[$0]; next }
		$0 in looked
	' pass=1 "$lists/looked" pass=2 "$lists/known"
else
	cat "$lists/known"
fi >"$lists/traced"
while IFS=$tab read -r name places; do
	found=
	for path in $places; do
		if [ -z "$found" ] && is_library "$path"; then found=$path; fi
	done
	# The host's loader may search further directories than the jail's.
	if [ -z "$found" ] && ldconfig -p 2>/dev/null | grep -Fq "$tab$name ("; then found=$name; fi
	if [ -n "$found" ] && ! grep -Fqx -e "$found" "$lists/traced"; then
		printf '%s\n' "$found" >>"$lists/traced"
		answer added "$found"
	fi
done <"$lists/missed"
LC_ALL=C sort -u "$lists/traced" >"$lists/wanted"
if cmp -s "$lists/wanted" "$lists/known"; then return 0; fi
answer changed yes
{
	grep -v '^traced ' "$lists/recorded-facts" || :
	sed 's/^/traced /' "$lists/wanted"
} >"$lists/facts"
cp "$lists/recorded" "$lists/entries"
keep_earlier
write_part "$lists/entries" "$lists/facts"
