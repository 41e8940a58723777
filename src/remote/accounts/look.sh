# look.sh ($owner $group): the numbers of a user and a group; empty where the host does not know it.
# uses: accounts.sh
answer owner "$(account_number "$owner" passwd || :)"
answer group "$(account_number "$group" group || :)"
