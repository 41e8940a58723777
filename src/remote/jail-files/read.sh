# read.sh ($jail $records $key $target $digest): answers which of our files differ from the records, and which unmanaged
# files are below the target.
# uses: compare.sh jail-files/files.sh jail.sh manifest-part.sh

open_jail_if_there || return 0
open_files "$key"
if [ "$(fact digest)" = "$digest" ] && is_recorded; then answer made yes; else answer made no; fi
awk '!/^dir\t/' "$lists/recorded" >"$lists/wanted"
compare "$lists/wanted"
answer_differing
list_unmanaged "$target"
answer_unmanaged
