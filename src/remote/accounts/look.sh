# look.sh JAIL RECORDS OWNER GROUP: the numbers of a user and a group; empty where the host does not know it.
# uses: accounts.sh
shift 2
answer owner "$(account_number "$1" passwd || :)"
answer group "$(account_number "$2" group || :)"
