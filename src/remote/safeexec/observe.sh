# observe.sh PROGRAM RECORDS FIREWALL: what is there of safeexec, and what of the host is in its way.
open_program "$1" "$2"
tell "$3"
