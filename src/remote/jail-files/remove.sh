# remove.sh ($jail $records $key): takes our files out of the jail: exactly what was put there, and folders made for it.
# uses: confine.sh jail-files/files.sh jail.sh placed-files.sh

open_jail_if_there || return 0
still_mine || return 0
change_jail
open_files "$key"
forget_placed
rmdir "$records/files" 2>/dev/null || :
