# observe.sh JAIL RECORDS OWNER GROUP SCRATCH_GROUP ["MODE PATH"...]: which paths differ from the policy.
jail=$1 records=$2
shift 2

jail_kind
case $jail_is in
none) answer jail none && return 0 ;;
*) open_jail ;;
esac
read_policy "$@"
list_jail | compare_with_policy | answer_offenders
