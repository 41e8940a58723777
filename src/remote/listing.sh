# Listing a jail in use with find.

# The pattern of find for a path of 3500 bytes and more. The kernel takes 4095 at once, and a name has 255 at most: what matches can be named, and
# what lies in it may be out of reach. So a listing names it and goes on beside it (`-path "$too_long" -prune`).
too_long='??????????????????????????????????????????????????'
too_long=$too_long$too_long$too_long$too_long$too_long$too_long$too_long$too_long$too_long$too_long
too_long="$too_long$too_long$too_long$too_long$too_long$too_long$too_long*"

# A path as a pattern of find that stands for it alone.
escaped() {
	sed 's/[][*?\\]/\\&/g'
}

# unless_gone COMMAND...: in a jail in use, files vanish between the listing and the look at each. A command that fails, and complains
# of nothing but that, has done its work.
unless_gone() {
	gone_status=0
	{ gone_said=$("$@" 2>&1 >&5 5>&-) || gone_status=$?; } 5>&1
	[ -n "$gone_said" ] || return "$gone_status"
	printf '%s\n' "$gone_said" >&2
	if printf '%s\n' "$gone_said" | grep -qv ': No such file or directory$'; then return "$gone_status"; fi
}
