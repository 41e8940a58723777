# observe.sh ($jail $records $firewall_wanted): what is there of safeexec, and what of the host is in its way.
# uses: safeexec/program.sh
open_program
tell "$firewall_wanted"
