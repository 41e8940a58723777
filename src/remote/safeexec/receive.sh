# receive.sh ($jail $records): says where the archive of the source is to be sent.
# uses: confine.sh safeexec/program.sh
open_program
lock_jail
rm -f "$records"/archive.*
answer archive "$records/archive.$$"
