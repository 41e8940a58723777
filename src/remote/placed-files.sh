# Files that one resource puts into the jail, each known by its sha256. $placed, a folder in $records, has
#   owned     every file that we put there, also in a run that was cut off
#   made      the folders that were made for them
#   index     `SHA256 USE STAT PATH` of each as it was put there: where the stat holds, nothing is read; written last
# USE is `program` or `file`. Fields are parted by tabs.
# uses: jail-root/claims.sh jail-root/git-files.sh listing.sh records.sh refuse-mounted.sh remove-paths.sh staging.sh vis.sh walk.sh

# open_placed FOLDER: reads the records of it; $work is for lists of our own.
open_placed() {
	placed=$1
	work=$(temporary_folder)
	trap 'rm -rf "$work"' EXIT
	for place in owned made index; do cat "$placed/$place" 2>/dev/null >"$work/$place.old" || :; done
}

# look_at_placed WANTED: compares the jail with a list of lines `SHA256 USE PATH SOURCE`. Leaves in $work
#   states    `PATH STATE`: ok, missing, altered, stale (ours, but not what is wanted now), other (not ours), no-program,
#             folder, no-file, bent (the way there leads through no folder), unneeded
#   places    `TYPE MODE STAT ./PATH` of all that is there
#   hashes    of what had to be read
look_at_placed() {
	to_jail
	cut -f 3 "$1" | cat - "$work/owned.old" "$work/made.old" | cut -d / -f 1 | sort -u | while IFS= read -r top; do
		if [ -e "./$top" ] || [ -L "./$top" ]; then
			unless_gone find -P "./$top" -path "$too_long" -prune ! -path "*$line_break*" -exec printf "path that is too long${tab}0$tab-$tab%s\n" {} + -o ! -path "*$line_break*" -exec stat -c "%F$tab%a$tab%i %s %z$tab%n" {} +
		fi
	done >"$work/places"
	: >"$work/hashes"
	judge_placed "$1" >"$work/states"
	awk -F "$tab" '$2 == "read" { print "./" $1 }' "$work/states" >"$work/read"
	if [ -s "$work/read" ]; then
		tr '\n' '\0' <"$work/read" | xargs -0 sha256sum -- >"$work/hashes" || :
		judge_placed "$1" >"$work/states"
	fi
}

# A state `read` means that only the content can tell; after reading, that it could not be read.
judge_placed() {
	awk -F "$tab" -v OFS="$tab" '
		pass == "places" { path = substr($4, 3); type[path] = $1; mode[path] = sprintf("%04d", $2); stat[path] = $3; next }
		pass == "hashes" { hash[substr($0, 69)] = substr($0, 1, 64); next }
		pass == "index" { recorded[$4] = $1; use[$4] = $2; if ($3 == stat[$4]) hash[$4] = $1; next }
		pass == "owned" { owned[$0]; next }
		{
			wanted[$3]
			if (!($3 in type)) {
				state = "missing"
				for (path = $3; sub(/\/[^\/]*$/, "", path);) if (path in type && type[path] != "directory") state = "bent"
			}
			else if (type[$3] == "directory") state = "folder"
			else if (type[$3] !~ /^regular/) state = "no-file"
			else if (!($3 in hash)) state = "read"
			else if (hash[$3] != $1) state = !($3 in recorded) ? "other" : hash[$3] == recorded[$3] ? "stale" : "altered"
			else if ($2 == "program" && substr(mode[$3], 2, 1) % 2 == 0) state = "no-program"
			else if ($3 in recorded && use[$3] != $2) state = "stale"
			else state = "ok"
			print $3, state
		}
		END { for (path in owned) if (!(path in wanted)) print path, "unneeded" }
	' pass=places "$work/places" pass=hashes "$work/hashes" pass=index "$work/index.old" pass=owned "$work/owned.old" pass=wanted "$1" | sort
}

# Whether our records are whole: all say the same.
placed_is_recorded() {
	[ -f "$placed/index" ] && cut -f 4 "$work/index.old" | sort | cmp -s - "$work/owned.old"
}

# Whether the jail and our records are as wanted.
all_placed() {
	if grep -qv "${tab}ok\$" "$work/states"; then return 1; fi
	placed_is_recorded && cut -f 1 "$work/states" | cmp -s - "$work/owned.old"
}

# list_copies WANTED: the lines of a list whose files are to be put there.
list_copies() {
	awk -F "$tab" '
		pass == 1 { if ($2 != "ok" && $2 != "unneeded") differs[$1]; next }
		$3 in differs
	' pass=1 "$work/states" pass=2 "$1"
}

# place_wanted WANTED: makes the jail as the list says, after look_at_placed: all is staged and verified before the first
# file is renamed into place. What we put there before and is not wanted any more goes, or is git's again.
place_wanted() {
	list_copies "$1" >"$work/copies"
	cut -f 3 "$1" | sort >"$work/owned"
	cat "$records/git.files" 2>/dev/null >"$work/git" || :
	unclaimed "$work/git" >"$work/git.before"
	refuse_what_is_in_the_way
	{
		cut -f 3 "$work/copies"
		comm -13 "$work/owned" "$work/owned.old"
	} | refuse_mounted

	private_directory "${placed%/*}"
	private_directory "$placed"
	if [ -s "$work/copies" ]; then
		hold_folder
		stage_copies
	fi
	# Known as ours before it stands there, so that a run cut off here leaves nothing that nobody owns.
	: >"$work/made.new"
	: >"$work/folders.gone"
	folders_to_make | sort -u - "$work/made.old" >"$work/made"
	sort -u "$work/owned" "$work/owned.old" >"$work/owned.both"
	record owned "$work/owned.both"
	record made "$work/made"

	sort -u "$work/in-the-way" >"$work/cleared"
	sort -r "$work/cleared" | remove_paths
	if [ -s "$work/copies" ]; then
		cut -f 3 "$work/copies" | sed 's|/[^/]*$||' | sort -u | while IFS= read -r folder; do
			to_jail
			make_folders "$folder"
			# What is a link or a FIFO by now is replaced: rename follows nothing.
			find "$held/stage/$folder/" -maxdepth 1 -type f -exec sh -c 'mv -f -- "$@" .' sh {} +
		done
		drop_folder
	fi
	to_jail

	# What of ours is not wanted any more, and folders that are empty then.
	comm -13 "$work/owned" "$work/owned.both" >"$work/gone"
	awk '
		pass == 1 { for (path = $0; sub(/\/[^\/]*$/, "", path);) wanted[path]; next }
		{ print > ($0 in wanted ? kept : gone) }
	' kept="$work/made.new" gone="$work/folders.gone" pass=1 "$work/owned" pass=2 "$work/made"
	# A file that git has too is exchanged for it, without a moment in which there is none.
	unclaimed "$work/git" "$placed/owned" "$work/owned" | comm -13 "$work/git.before" - >"$work/git.again"
	comm -23 "$work/gone" "$work/git.again" | sort - "$work/folders.gone" | comm -23 - "$work/cleared" | sort -r | remove_paths
	give_back_to_git "$work/git.again"
	record owned "$work/owned"
	record made "$work/made.new"

	to_jail
	sed 's|^|./|' "$work/owned" | tr '\n' '\0' | unless_gone xargs -0 -r stat -c "%i %s %z$tab%n" -- >"$work/now"
	awk -F "$tab" -v OFS="$tab" 'pass == 1 { stat[substr($2, 3)] = $1; next } { print $1, $2, stat[$3], $3 }' pass=1 "$work/now" pass=2 "$1" >"$work/index"
	record index "$work/index"
}

# record NAME FILE: exchanges one file of our records whole.
record() {
	if cmp -s "$2" "$placed/$1"; then return 0; fi
	write_record "$placed/$1" <"$2"
}

# A file of ours or of git's where a folder is to be, or the other way round, goes; anybody else's is not ours to remove.
refuse_what_is_in_the_way() {
	cat "$work/owned.old" "$work/git" | sort -u >"$work/removable"
	cut -f 3 "$work/copies" >"$work/copied"
	in_the_way "$work/copied" "$work/removable" >"$work/in-the-way"
	awk -F "$tab" '
		function refuse(path, why) { print path "\t" why; exit }
		pass == "ours" { ours[$0]; next }
		pass == "copies" { file[$3]; for (path = $3; sub(/\/[^\/]*$/, "", path);) folder[path]; next }
		{ path = substr($4, 3) }
		path in folder && $1 != "directory" && !(path in ours) { refuse(path, "is no folder") }
		$1 != "directory" && !(path in ours) { for (above = path; sub(/\/[^\/]*$/, "", above);) if (above in file) refuse(above, "is a folder, with files of others") }
	' pass=ours "$work/in-the-way" pass=copies "$work/copies" pass=places "$work/places" >"$work/refused"
	if [ -s "$work/refused" ]; then
		fail in-the-way "$(tr '\t' ' ' <"$work/refused") in the jail: it is not ours to remove" "see what it is and remove it, then run \`pulumi up\` again"
	fi
	# Empty folders where files are to be.
	awk -F "$tab" '
		pass == 1 { file[$3]; next }
		$1 == "directory" { path = substr($4, 3); for (above = path; above != ""; above = above ~ /\// ? substr(above, 1, match(above, /\/[^\/]*$/) - 1) : "") if (above in file) { print path; break } }
	' pass=1 "$work/copies" pass=2 "$work/places" >>"$work/in-the-way"
}

# Makes $held/stage the jail's tree of what is to be put there, with the modes that new files have.
stage_copies() {
	cut -f 3 "$work/copies" | sed "s|^|$held/stage/|; s|/[^/]*$||" | sort -u | tr '\n' '\0' | xargs -0 mkdir -p --
	while IFS=$tab read -r _ _ path source; do
		cp -- "$source" "$held/stage/$path" || break
	done <"$work/copies"
	find "$held/stage/" -type f -exec chmod 0644 {} +
	awk -F "$tab" '$2 == "program" { print $3 }' "$work/copies" | (cd "$held/stage" && tr '\n' '\0' | xargs -0 -r chmod 0755 --)
	if ! awk -F "$tab" '{ print $1 "  " $3 }' "$work/copies" | (cd "$held/stage" && sha256sum -c -) >/dev/null 2>&1; then
		drop_folder
		fail copy "not all files could be copied whole into the jail" "is its disk full, or were they changed meanwhile? Run the same command again; nothing in use was changed"
	fi
}

folders_to_make() {
	awk -F "$tab" '
		pass == 1 { if ($1 == "directory") there[substr($4, 3)]; next }
		{ for (path = $3; sub(/\/[^\/]*$/, "", path);) if (!(path in there) && !seen[path]++) print path }
	' pass=1 "$work/places" pass=2 "$work/copies"
}

# forget_placed: takes away what we put there, with the records of it.
forget_placed() {
	[ -d "$placed" ] || return 0
	: >"$work/nothing"
	look_at_placed "$work/nothing"
	place_wanted "$work/nothing"
	rm -rf "$placed"
}

# What differs, a few by name, for the caller to put in words.
answer_placed() {
	grep -v "${tab}ok\$" "$work/states" >"$work/differing" || :
	head -n 5 "$work/differing" | awk -F "$tab" -v OFS="$tab" "$vis_writer"'{ print vis($1), $2 }' | while IFS=$tab read -r path state; do answer differs "$path" "$state"; done
	answer differing "$(($(wc -l <"$work/differing")))"
}
