# Remove from the jail what a part owns.
# uses: manifest-part.sh refuse-mounted.sh remove-paths.sh remove-trees.sh staging.sh walk.sh

# remove_owned: removes exactly what the open part owns and no other part does, and then its records. Removes first what
# an interrupted change has left.
remove_owned() {
	to_jail
	remove_trees -name "$staging_name"
	has_manifest || return 0
	: >"$lists/nothing"
	list_gone "$lists/nothing" >"$lists/gone"
	refuse_mounted <"$lists/gone"
	# Record that the part is incomplete, so that an interrupted removal is not taken for a complete part.
	intend "$lists/nothing"
	remove_paths <"$lists/gone"
	forget_manifest
}
