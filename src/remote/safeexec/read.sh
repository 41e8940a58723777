# read.sh ($jail $records $firewall_wanted): reads what is installed of safeexec, and what on the host conflicts with
# it.
# uses: safeexec/program.sh
open_program
answer_program "$firewall_wanted"
