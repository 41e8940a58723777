# observe.sh JAIL RECORDS OWNER GROUP SCRATCH_GROUP ["MODE PATH"...]: which paths differ from the policy.
# uses: jail-permissions/policy.sh jail.sh
jail=$1 records=$2
shift 2

open_jail_if_there || return 0
read_policy "$@"
list_jail | compare_with_policy | answer_offenders
