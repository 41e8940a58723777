# observe.sh PROGRAM RECORDS FIREWALL: what is there of safeexec, and what of the host is in its way.
# uses: safeexec/program.sh
open_program "$1" "$2"
tell "$3"
