# Records of the earlier form (earlier-records.sh), made into the present one.
# uses: earlier-records.sh records.sh

# keep_earlier: the part that is open is in the new form from here on.
keep_earlier() {
	case $manifest in
	"$records"/*) return 0 ;;
	esac
	private_directory "$records/manifest"
	for earlier_file in "$manifest" "$manifest.intent"; do
		[ ! -f "$earlier_file" ] || write_record "$records/manifest/${earlier_file##*/}" <"$earlier_file"
	done
	manifest=$records/manifest/$part
	forget_earlier "$part"
}

# forget_earlier PART
forget_earlier() {
	rm -rf "$(earlier_place "$1")"
	if [ "$1" = git ]; then rm -f "$records/git.files" "$records/git.commit"; fi
	rmdir "$records/files" 2>/dev/null || :
}
