# look.sh JAIL RECORDS OWNER GROUP: the numbers of a user and a group; empty where the host does not know it.
jail=$1 records=$2
answer owner "$(account_number "$3" passwd || :)"
answer group "$(account_number "$4" group || :)"
