# Taking what a part owns out of the jail.
# uses: manifest-part.sh refuse-mounted.sh remove-paths.sh remove-trees.sh staging.sh walk.sh

# remove_owned: exactly what the open part owns and nobody else, and then its records; first of all what a change that was cut off has left.
remove_owned() {
	to_jail
	remove_trees -name "$swap"
	has_manifest || return 0
	: >"$lists/nothing"
	list_gone "$lists/nothing" >"$lists/gone"
	refuse_mounted <"$lists/gone"
	# Whole no more: should this be cut off, nobody takes what is left for all of it.
	intend "$lists/nothing"
	remove_paths <"$lists/gone"
	forget_manifest
}
