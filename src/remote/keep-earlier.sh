# Convert records of the earlier form (earlier-records.sh) to the present one.
# uses: earlier-records.sh manifest.sh records.sh

# keep_earlier: writes the records of the open part in the present form. Writes the intent first, because it names all
# paths that we own: if the step is killed then, no path is lost.
keep_earlier() {
	case $manifest in
	"$records"/*) ;;
	*)
		private_directory "$records/manifest"
		sort -u "$lists/recorded" "$lists/intended" | write_entries | write_record "$records/manifest/$part.intent"
		write_record "$records/manifest/$part" <"$manifest"
		[ -e "$manifest.intent" ] || rm -f "$records/manifest/$part.intent"
		manifest=$records/manifest/$part
		;;
	esac
	forget_earlier "$part"
}

# forget_earlier PART: removes the records of the earlier form.
forget_earlier() {
	find_earlier "$1"
	rm -rf "$earlier"
	if [ "$1" = git ]; then rm -f "$records/git.files" "$records/git.commit"; fi
	rmdir "$records/files" 2>/dev/null || :
}
