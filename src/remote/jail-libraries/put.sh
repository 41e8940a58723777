# How libraries get into the jail: copied into the held folder, verified, and renamed.
# uses: jail-libraries/look.sh staging.sh walk.sh

# in_words FILE: lines `NAME FILE`, for a message.
in_words() {
	awk -F "$tab" '{ printf "%s%s (needed by %s)", (NR > 1 ? ", " : ""), $1, $2 }' "$1"
}

# Copies what is in $look/copies into $held/$set.
stage_libraries() {
	while IFS=$tab read -r place source hash; do
		if ! mkdir -p "$held/$set/${place%/*}" || ! cp -- "$source" "$held/$set/$place" || [ "$(sha256sum <"$held/$set/$place")" != "$hash  -" ]; then
			drop_folder
			fail copy "$source could not be copied whole into the jail" "is its disk full, or is the host being updated? Nothing in use was changed"
		fi
	done <"$look/copies"
	# With a fifth digit: a folder that hands its group on gave that to ours.
	find "$held/$set/" -type d -exec chmod 00755 {} +
	find "$held/$set/" -type f -exec chmod 0644 {} +
	sed -n "s|^loader$tab/||p" "$look/about" | while read -r place; do [ ! -f "$held/$set/$place" ] || chmod 0755 "$held/$set/$place"; done
	find "$held/$set/" -exec chown "$(owner_of_sets)" {} +
}

# Owners are JailPermissions' business: what comes anew gets what it gave to the libraries before.
owner_of_sets() {
	if [ -d "./$sets" ] && [ ! -L "./$sets" ]; then stat -c '%u:%g' "./$sets"; else echo 0:0; fi
}

# Puts what was staged into the jail: a new set by one rename.
put_copies() {
	if [ "$set_is_there" = no ]; then
		make_folders "$sets"
		put "$held/$set" "$set"
		to_jail
		return 0
	fi
	while IFS=$tab read -r place _; do
		to_jail
		make_folders "$sets/$set/${place%/*}"
		put "$held/$set/$place" "${place##*/}"
	done <"$look/copies"
	to_jail
}

# put_link PLACE TEXT: by one rename, also over another link.
put_link() {
	rm -f "$held/link"
	ln -s -- "$2" "$held/link"
	chown -h "$(owner_of_sets)" "$held/link"
	make_folders "${1%/*}"
	mv -f -T -- "$held/link" "./${1##*/}"
	to_jail
}
