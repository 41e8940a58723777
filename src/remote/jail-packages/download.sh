# download.sh ($jail $records $cache $key $build_key $token $index $hashed $unhashed): lets the host fetch the wheels by itself. $hashed and
# $unhashed are lists of requirements. $index: empty for what the host's own settings of pip name, or its default. Answers
# `downloaded no` where it could not.
# uses: jail-packages/packages.sh jail.sh vis.sh

open_jail
open_packages "$cache" "$key" "$build_key"
begin_set "$token"
# In the environment: the address may hold a password, and command lines are everybody's to read.
if [ -n "$index" ]; then
	PIP_INDEX_URL=$index
	export PIP_INDEX_URL
fi

# download LIST [OPTION...]
download() {
	[ -n "$1" ] || return 0
	list_lines "$1" >"$making/requirements"
	shift
	case $index in
	# Pip passes an index without encryption over unless it is told that this one is meant.
	http://*) set -- "$@" --trusted-host "$(printf '%s\n' "$index" | sed 's|^http://||; s|/.*||; s|.*@||')" ;;
	esac
	run_pip download --dest "$making/wheels" --requirement "$making/requirements" --only-binary :all: --no-deps --retries 1 --timeout 15 "$@"
}

if download "$hashed" --require-hashes && download "$unhashed"; then
	answer downloaded yes
	return 0
fi
judge_pip
rm -rf "$making"
answer downloaded no
