# ask.sh ($jail $records $id $delete_contents $kept): whether the jail's removal would be refused, before anything of it goes.
# uses: jail-root/refusal.sh

look_at_removal "$id" "$kept"
[ "$removal" != jail ] || refuse_removal "$delete_contents"
