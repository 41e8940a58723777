# ask.sh JAIL RECORDS ID DELETE_CONTENTS [KEPT]: whether the jail's removal would be refused, before anything of it goes.
# uses: jail-root/refusal.sh
jail=$1 records=$2 id=$3 delete_contents=$4 kept=${5-}

look_at_removal "$id" "$kept"
[ "$removal" != jail ] || refuse_removal "$delete_contents"
