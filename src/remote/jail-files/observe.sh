# observe.sh ($jail $records $key $target $digest): what differs from the files that were put there, and what else lies there.
# uses: jail-files/files.sh jail.sh placed-files.sh

open_jail_if_there || return 0
open_files "$key"
if [ "$(cat "$placed/digest" 2>/dev/null || :)" = "$digest" ] && placed_is_recorded; then answer made yes; else answer made no; fi
cut -f 1,2,4 "$work/index.old" >"$work/wanted"
look_at_placed "$work/wanted"
answer_placed
list_strays "$target"
answer_strays
