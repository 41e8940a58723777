# receive.sh ($jail $records): answers where to upload the archive of the source.
# uses: confine.sh safeexec/program.sh
open_program
lock_jail
rm -f "$records"/archive.*
answer archive "$records/archive.$$"
