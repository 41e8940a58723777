# ask.sh ($jail $records $id $delete_contents $kept): ends the step if the jail's removal would be refused, before
# anything of it is removed.
# uses: jail-root/refusal.sh

check_removal "$id" "$kept"
[ "$removal" != jail ] || refuse_removal "$delete_contents"
