# observe.sh ($jail $records $closure_is $leaving $mode $tracing "$@"): which libraries differ from what the jail's programs and the host ask for.
# uses: jail-libraries/look.sh jail.sh

open_jail_if_there || return 0
open_libraries
if ! libraries_are_recorded; then
	answer made no
	return 0
fi
answer made yes
answer_libraries
look_at_libraries "$@"
if [ -s "$look/problem" ]; then
	answer problem "$(cut -f 2 "$look/problem")"
	return 0
fi
while read -r folder; do answer bent "$folder"; done <"$look/bent"
head -n 5 "$look/unresolved" | while IFS=$tab read -r name file; do answer unresolved "$(one_line "$name")" "$(one_line "$file")"; done
{
	set_is_current || printf '%s\t-\tother-set\n' "$sets/current"
	grep -v "${tab}ok\$" "$look/states" || :
} >"$look/differing"
head -n 5 "$look/differing" | while IFS=$tab read -r place _ state; do answer differs "$place" "$state"; done
answer differing "$(($(wc -l <"$look/differing") + $(wc -l <"$look/unresolved")))"
