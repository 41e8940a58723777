# all.sh ($jail $records): answers `release ID JAIL_ID` for every release, before all of them are deleted.
# uses: jail-releases/releases.sh jail.sh

open_releases || return 0
still_mine || return 0
find "$jail/releases" -mindepth 1 -maxdepth 1 ! -path "*$line_break*" | sort | while IFS= read -r place; do
	release=${place##*/}
	if [ ! -d "$place" ] || [ -L "$place" ] || [ ! -s "$(records_of "$release")/id" ]; then
		fail not-empty "$(one_line "$place") was not made here" "is it a release of ours? Then run \`pulumi up --refresh\` first. Else save it, and remove it"
	fi
	answer_release release "$release"
done
