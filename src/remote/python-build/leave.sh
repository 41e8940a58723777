# leave.sh JAIL RECORDS: the host that built for others waits for that build no more: its record of it goes.
jail=$1 records=$2

if [ -s "$records/build" ]; then leave_build "$(cat "$records/build")"; fi
rm -f "$records/build"
builders=${records%/*}
rmdir "$records" "$builders" "${builders%/*}" 2>/dev/null || :
