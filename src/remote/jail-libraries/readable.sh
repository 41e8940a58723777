# may_read FILE: whether everybody on the host may read a file.
may_read() {
	readable=$(readlink -f "$1")
	[ -n "$(find "$readable" -prune -perm -0004)" ] || return 1
	while readable=${readable%/*} && [ -n "$readable" ]; do
		[ -n "$(find "$readable" -prune -perm -0001)" ] || return 1
	done
}
