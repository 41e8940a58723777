# download.sh ($jail $records $cache $key $build_key $token $index $hashed $unhashed): downloads the wheels on the host.
# $hashed and $unhashed are lists of requirements. $index: if empty, the index of the host's own pip settings, or pip's
# default. Answers `downloaded no` if the host could not.
# uses: jail-packages/packages.sh jail.sh vis.sh

open_jail
open_packages "$cache" "$key" "$build_key"
begin_set "$token"
# Pass the address in the environment: it may hold a password, and every user of the host can read command lines.
if [ -n "$index" ]; then
	PIP_INDEX_URL=$index
	export PIP_INDEX_URL
fi

# download LIST [OPTION...]: downloads a list of requirements with pip.
download() {
	[ -n "$1" ] || return 0
	list_lines "$1" >"$making/requirements"
	shift
	case $index in
	# Pip ignores an index without encryption unless its host is declared as trusted.
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
