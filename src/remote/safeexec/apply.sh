# apply.sh ($jail $records $source $url $commit $archive $sha256 $strip $firewall_wanted "$@"): builds safeexec, if the
# existing build is not of $source, and installs it. Answers `lacks` lines instead if the host lacks what the build
# needs.
# uses: confine.sh made-directories.sh mounts.sh needs.sh records.sh safeexec/build.sh safeexec/firewall.sh safeexec/program.sh staging.sh
open_program

# Check everything that could be refused before anything is written.
read_program
case $program_is in
none) ;;
program | 'a symbolic link')
	[ -s "$records/owned" ] || is_owned || fail foreign "$program is there already, and was not put there by us" "remove it, or give another \`path\`; nothing was changed"
	;;
*) fail in-the-way "$program is $program_is" "see what it is, and remove it" ;;
esac
parent=$jail
while [ ! -d "$parent" ]; do parent=$(dirname "$parent"); done
# Users who can write to a parent directory can put another program there. With the sticky bit they can only replace
# their own files.
while read -r who way; do
	case $who in
	everybody) fail unsafe-parent "$way can be written by everybody" "take the right away (\`chmod o-w\`), or give another \`path\`" ;;
	group) warn "$way can be written by a group that is not root's: who is in it could put another safeexec there, and no jail's check runs one that is there; take that right away (\`chmod g-w\`)" ;;
	owner) fail unsafe-parent "$way is not root's: its owner could put another program there" "give it to root, or give another \`path\`" ;;
	esac
done <<-END
	$(changed_by "$parent")
END
if has_option "$parent" nosuid; then
	fail nosuid "$jail is on a file system mounted nosuid: safeexec could not become root there" "remount it with \`suid\`, or give another \`path\`"
fi
if has_option "$parent" noexec; then
	fail noexec "$jail is on a file system mounted noexec: safeexec could not start there" "remount it with \`exec\`, or give another \`path\`"
fi
must_build=
if [ "$(cat "$records/built/source" 2>/dev/null || :)" != "$source" ] || [ ! -s "$records/built/program" ]; then must_build=yes; fi
if [ -n "$must_build" ]; then
	lacking=$(answer_needs "$@" 3>&1)
	case $lacking in
	*lacks*)
		printf '%s\n' "$lacking" >&3
		return 0
		;;
	esac
	if [ -z "$commit" ] && [ ! -f "$archive" ]; then fail cache-lost "the source that was sent is not there any more" "run the same command again"; fi
fi
if [ "$firewall_wanted" = yes ]; then
	choose_firewall
	[ -n "$firewall" ] || fail no-firewall "neither nft nor iptables works on the host" "install nftables, or set \`firewall: false\`"
fi

lock_jail
printf '%s\n' "$program" | write_record "$records/path"
printf '%s\n' "$logical_host" | write_record "$records/host"
if [ -n "$must_build" ]; then build_program "$source" "$url" "$commit" "$archive" "$sha256" "$strip"; fi

if ! [ -d "$jail" ]; then make_recorded_directories "$jail"; fi
read_program
if ! is_as_built; then
	# Record the program as ours before it is installed.
	{
		cat "$records/owned" 2>/dev/null || :
		built_sha
	} | write_record "$records/owned"
	make_staging
	cp "$records/built/program" "$staging/program"
	chown 0:0 "$staging/program"
	chmod 4755 "$staging/program"
	put "$staging/program" "$name"
	remove_staging
fi
if [ "$(cat "$records/owned")" != "$(built_sha)" ]; then built_sha | write_record "$records/owned"; fi
if [ "$firewall_wanted" = yes ]; then set_firewall_rule; else drop_firewall_rule; fi
answer_program "$firewall_wanted"
