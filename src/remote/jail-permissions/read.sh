# read.sh ($jail $records $owner $group $scratch_group "$@"): reads which paths differ from the policy.
# uses: jail-permissions/policy.sh jail.sh

open_jail_if_there || return 0
read_policy "$@"
list_jail | compare_with_policy | answer_offenders
