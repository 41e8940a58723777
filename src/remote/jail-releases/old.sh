# old.sh ($jail $records $keep): releases all but the current one, the last $keep that were current before it, and those
# in which a program runs. With $keep empty: all, because everything is deleted. Answers `old ID JAIL_ID` for each
# release to be removed. Until then it stays marked as kept: otherwise deleting its resources would leave half of it.
# uses: confine.sh jail-releases/releases.sh jail.sh

open_releases || return 0
still_mine || return 0
lock_jail
touch "$records/history"
current=$(current_release)
if [ -z "$keep" ]; then
	: >"$records/kept.new"
else
	{
		printf '%s\n' "$current"
		grep -Fvx -e "$current" "$records/history" | tail -n "$keep" || :
	} >"$records/kept.new"
fi
for place in "$jail"/releases/*; do
	release=${place##*/}
	if [ ! -d "$place" ] || [ -L "$place" ] || grep -Fqx -e "$release" "$records/kept.new"; then continue; fi
	# Ignore a directory that is not a jail of ours.
	if [ ! -s "$(records_of "$release")/id" ]; then continue; fi
	if [ -n "$keep" ] && in_use "$release"; then
		warn "the release $release is kept: a program runs in it"
		printf '%s\n' "$release" >>"$records/kept.new"
		continue
	fi
	answer_release old "$release"
done
awk 'pass == 1 { kept[$0]; next } $0 in kept' pass=1 "$records/kept.new" pass=2 "$records/history" >"$records/history.new"
mv -f "$records/history.new" "$records/history"
rm -f "$records/kept.new"
