# read.sh ($owner $group): reads the numbers of a user and a group; empty if the host does not know the name.
# uses: accounts.sh
answer owner "$(account_number "$owner" passwd || :)"
answer group "$(account_number "$group" group || :)"
