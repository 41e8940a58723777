# Open a jail for an audit: one of ours or one made by hand. Answers `jail none` and returns 1 if there is none.
# uses: find-safeexec.sh jail.sh
open_audited() {
	jail_kind
	answer jail "$jail_is"
	case $jail_is in
	none) return 1 ;;
	ours | lost | marked) ;;
	*) fail not-a-jail "$jail is not a jail (it has no $marker)" "see what is in it, or correct \`path\`" ;;
	esac
	find_safeexec "$safeexec"
}
