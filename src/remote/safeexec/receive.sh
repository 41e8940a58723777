# receive.sh PROGRAM RECORDS: says where the archive of the source is to be sent.
# uses: confine.sh safeexec/program.sh
open_program "$1" "$2"
lock_jail
rm -f "$records"/archive.*
answer archive "$records/archive.$$"
