# Which paths are git's to lay, and which are claimed by other resources.

# unclaimed LIST [CLAIMS OWNED]: the paths of a list that JailFiles and JailSystem (placed-files.sh) leave to git: they have
# put nothing there, nor above or below it. OWNED is taken for one of their lists, CLAIMS.
unclaimed() {
	for claims in "$records"/files/*/owned "$records/system/owned"; do
		if [ "$claims" = "${2-}" ]; then cat "$3"; elif [ -f "$claims" ]; then cat "$claims"; fi
	done | awk '
		pass == 1 { file[$0]; for (path = $0; sub(/\/[^\/]*$/, "", path);) folder[path]; next }
		{
			claimed = $0 in file || $0 in folder
			for (path = $0; sub(/\/[^\/]*$/, "", path);) if (path in file) claimed = 1
			if (!claimed) print
		}
	' pass=1 - pass=2 "$1"
}

# in_the_way WANTED OTHERS: what of OTHERS is a file where the paths of WANTED have a folder, or lies in a folder where those have a file.
in_the_way() {
	awk '
		pass == 1 { file[$0]; for (path = $0; sub(/\/[^\/]*$/, "", path);) folder[path]; next }
		{ way = $0 in folder; for (path = $0; sub(/\/[^\/]*$/, "", path);) if (path in file) way = 1; if (way) print }
	' pass=1 "$1" pass=2 "$2"
}

# not_claimed: of lines `WHAT PATH` those whose path is git's to lay. $observed is for lists.
# shellcheck disable=SC2154  # answer_differing's
not_claimed() {
	cat >"$observed/all"
	sed 's/^[^ ]* //' "$observed/all" >"$observed/paths"
	unclaimed "$observed/paths" >"$observed/own"
	awk 'pass == 1 { own[$0]; next } { path = $0; sub(/^[^ ]* /, "", path); if (path in own) print }' pass=1 "$observed/own" pass=2 "$observed/all"
}
