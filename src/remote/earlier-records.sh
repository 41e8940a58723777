# Read the records of releases that had no manifest, and convert them to its form. The first change of a part writes the
# new form (keep-earlier.sh). Stats and sources are not converted, because they only save reads.
# uses: manifest.sh

# list_earlier: prints the parts that have records of the earlier form. Called by list_parts.
list_earlier() {
	for earlier_part in python packages system libraries git; do ! has_earlier "$earlier_part" || tell_part "$earlier_part"; done
	for earlier_part in "$records"/files/*; do [ ! -d "$earlier_part" ] || tell_part "files-${earlier_part##*/}"; done
}

# has_earlier PART: whether a part has records of the earlier form. Every read calls this for several parts, so it
# starts no program.
has_earlier() {
	if [ "$1" = git ]; then
		[ -f "$records/git.files" ]
	else
		find_earlier "$1"
		[ -d "$earlier" ]
	fi
}

# read_earlier PART: converts the records of a part to a specification in $temporary/earlier/PART.
read_earlier() {
	earlier_to=$temporary/earlier/$1
	mkdir -p "$temporary/earlier"
	find_earlier "$1"
	: >"$earlier_to.facts"
	case $1 in
	python | packages | git) earlier_tree "$1" ;;
	libraries) earlier_libraries ;;
	*) earlier_files ;;
	esac >"$earlier_to.entries"
	{
		echo '#mtree'
		sed 's/^/# /' "$earlier_to.facts"
		write_entries <"$earlier_to.entries"
	} >"$temporary/earlier/new"
	printf '# end %s\n' "$(manifest_digest <"$temporary/earlier/new")" >>"$temporary/earlier/new"
	# Further paths, which an interrupted change has left, become the intent.
	cut -f 4 "$earlier_to.entries" | sort -u >"$earlier_to.paths"
	sort -u "$earlier_to.owned" | comm -13 "$earlier_to.paths" - | sed "s/^/dir$tab-$tab-$tab/" | write_entries >"$earlier_to.left"
	if [ "$earlier_is" != whole ] || [ -s "$earlier_to.left" ]; then mv -f "$earlier_to.left" "$earlier_to.intent"; fi
	need_temporary
	mv -f "$temporary/earlier/new" "$earlier_to"
}

# find_earlier PART: sets $earlier to the directory of a part's records.
find_earlier() {
	case $1 in
	git) earlier=$records/git.laid ;;
	files-*) earlier=$records/files/${1#files-} ;;
	*) earlier=$records/$1 ;;
	esac
}

# earlier_tree PART: converts records of lines `f SHA256 PATH`, `l TEXT PATH` and `d - PATH`, with a key and a digest of
# the other files. Like the two functions below, prints the entries, writes the owned paths and the facts, and sets
# $earlier_is to `whole` or `damaged`.
earlier_tree() {
	earlier_key='' earlier_build='' earlier_digest='' earlier_is=damaged
	if [ -s "$earlier/key" ]; then read -r earlier_key earlier_build earlier_digest <"$earlier/key" || :; fi
	[ "$earlier_digest" != "$(for list in manifest owned version versions missing; do read_records "$earlier/$list"; done | manifest_digest)" ] || earlier_is=whole
	{
		printf 'key %s\nbuild %s\n' "$earlier_key" "$earlier_build"
		read_records "$earlier/version" | sed 's/^/version /'
		read_records "$earlier/versions" | sed 's/^/package /'
		read_records "$earlier/missing" | sed 's/^/missing /'
		[ "$1" != git ] || read_records "$records/git.commit" | sed 's/^/commit /'
	} >"$earlier_to.facts"
	read_records "$earlier/owned" >"$earlier_to.owned"
	read_records "$earlier/manifest" | sed -n '/^[fld] /p' | tree_entries
	if [ "$1" = git ]; then
		# Add the parent directories of git's files, and its files in scratch, which belong to the users of the jail.
		awk -v OFS="$tab" '
			/^scratch\// { print "file", "-", "-", $0 }
			{ while (sub(/\/[^\/]*$/, "") && /\//) if (!seen[$0]++) print "dir", "-", "-", $0 }
		' "$records/git.files"
		cat "$records/git.files" >>"$earlier_to.owned"
	fi
}

# earlier_files: converts records of lines `SHA256 USE STAT PATH`, of the directories made for these files, and of the
# directories that everybody may write to.
earlier_files() {
	earlier_is=whole
	cat "$earlier/owned" "$earlier/made" "$earlier/spaces" 2>/dev/null >"$earlier_to.owned" || :
	read_records "$earlier/digest" | sed 's/^/digest /' >"$earlier_to.facts"
	read_records "$earlier/index" | awk -F "$tab" -v OFS="$tab" '{ print "file", $1, $2 == "program" ? "0755" : "0644", $4 }'
	read_records "$earlier/made" | sed "s/^/dir$tab-$tab-$tab/"
	read_records "$earlier/spaces" | sed "s/^/dir$tab-${tab}1777$tab/"
}

# earlier_libraries: converts records of lines `PLACE SOURCE SHA256 …`. The libraries are in a set whose name is a
# digest of these lines, with a symlink from each place.
earlier_libraries() {
	earlier_is=damaged
	if [ -s "$earlier/index" ] && [ -s "$earlier/inputs" ] && [ -s "$earlier/about" ]; then earlier_is=whole; fi
	read_records "$earlier/owned" >"$earlier_to.owned"
	{
		read_records "$earlier/about" | tr '\t' ' '
		read_records "$earlier/traced" | sed 's/^/traced /'
	} >"$earlier_to.facts"
	earlier_set=$(read_records "$earlier/index" | cut -f 1,3 | sort | manifest_digest)
	read_records "$earlier/index" | awk -F "$tab" -v OFS="$tab" -v set="$earlier_set" '
		{
			up = $1
			gsub(/[^\/]*\//, "../", up)
			sub(/[^\/]*$/, "", up)
			print "file", $3, "-", ".libraries/" set "/" $1
			print "link", up ".libraries/current/" $1, "-", $1
		}
		END { if (NR) print "link", set, "-", ".libraries/current" }
	'
	awk 'pass == 1 { made[$0]; next } { while (sub(/\/[^\/]*$/, "")) if ($0 in made && !seen[$0]++) print "dir\t-\t-\t" $0 }' pass=1 "$earlier_to.owned" pass=2 "$earlier_to.owned"
}
