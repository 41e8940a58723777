# flip.sh ($jail $records $release): makes a release the current one with one rename: a program that opens `current`
# finds one or the other. Programs in other releases run on.
# uses: confine.sh jail-releases/releases.sh jail.sh records.sh walk.sh

open_releases || fail gone "there are no releases in $jail" "run the same command again"
lock_jail
release_records=$(records_of "$release")
is_jail() {
	jail=$1 records=$2
	jail_kind
	[ "$jail_is" = ours ]
}
if ! (is_jail "$jail/releases/$release" "$release_records"); then
	fail gone "the release $release is not there, or not wholly" "run \`pulumi up --refresh\`: it makes it anew"
fi
case $(current_release) in
other) fail foreign "$jail/current is not a link to a release" "see what it is, and remove it" ;;
esac
printf '%s\n' "$logical_host" | write_record "$records/host"
# The directories that were made on the path to the first release are removed with the last one.
if [ ! -f "$records/made-below" ] && [ -f "$release_records/made-below" ]; then write_record "$records/made-below" <"$release_records/made-below"; fi
: >"$release_records/kept"
touch "$records/history"
{
	grep -Fvx -e "$release" "$records/history" || :
	printf '%s\n' "$release"
} >"$records/history.new"
mv -f "$records/history.new" "$records/history"
go_to "$jail"
if [ "$(current_release)" != "$release" ]; then
	rm -f ./.python3jail.current
	ln -s "releases/$release" ./.python3jail.current
	mv -f -T ./.python3jail.current ./current
fi
