# List a jail in use with find.

# A find pattern for paths of 3500 bytes and more. The kernel takes paths of at most 4095 bytes, and names have at most
# 255. So a path that matches can be named, but its content may be out of reach: a listing names it and skips what is in
# it (`-path "$too_long" -prune`).
too_long='??????????????????????????????????????????????????'
too_long=$too_long$too_long$too_long$too_long$too_long$too_long$too_long$too_long$too_long$too_long
too_long="$too_long$too_long$too_long$too_long$too_long$too_long$too_long*"

# Turns paths on standard input into find patterns that match only these paths.
escaped() {
	sed 's/[][*?\\]/\\&/g'
}

# unless_gone COMMAND...: runs a command on a jail in use, where files may vanish between the listing and the read of
# each. Ignores a failure if the command complained of nothing but vanished files.
unless_gone() {
	gone_status=0
	{ gone_said=$("$@" 2>&1 >&5 5>&-) || gone_status=$?; } 5>&1
	[ -n "$gone_said" ] || return "$gone_status"
	printf '%s\n' "$gone_said" >&2
	if printf '%s\n' "$gone_said" | grep -qv ': No such file or directory$'; then return "$gone_status"; fi
}
