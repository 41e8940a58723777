# Replace a directory by another one without a moment in which neither exists.

# exchange_in NAME NEW OLD: renames the directory NEW to NAME, in the current directory, and the previous NAME to OLD.
# NEW and OLD are paths below $staging. One rename exchanges the two, so a program that opens NAME finds one or the
# other, also after a kill.
exchange_in() {
	if [ -e "./$1" ] || [ -L "./$1" ]; then
		if exchange "$1" "$2"; then
			mv -T -- "$2" "$3"
			return 0
		fi
		warn "this host cannot exchange two directories by one rename: $1 was away for a moment"
		mv -T -- "./$1" "$3"
	fi
	mv -T -- "$2" "./$1"
}

# exchange NAME OTHER: exchanges two paths with renameat2(2). No standard tool does that everywhere: uses mv (coreutils
# 9.5 and later), perl, or the python of a build in the host's cache. Returns 1 if none of them works or the file system
# cannot do it.
exchange() {
	exec 7<.
	exchange_status=1
	if exchange_by_mv "$@" || exchange_by_perl "$@" || exchange_by_python "$@"; then exchange_status=0; fi
	exec 7<&-
	return "$exchange_status"
}

exchange_by_mv() {
	mv --help 2>&1 | grep -q -e --exchange && mv --exchange -T -- "/proc/self/fd/7/$1" "$2"
}

exchange_by_perl() {
	case $(uname -m) in
	x86_64) renameat2=316 ;;
	aarch64 | riscv64) renameat2=276 ;;
	i?86) renameat2=353 ;;
	arm*) renameat2=382 ;;
	ppc64*) renameat2=357 ;;
	s390x) renameat2=347 ;;
	*) return 1 ;;
	esac
	have perl || return 1
	# shellcheck disable=SC2016 # perl's
	env -i PATH="$PATH" perl -e 'exit(syscall(shift() + 0, -100, $ARGV[0], -100, $ARGV[1], 2) != 0)' "$renameat2" "/proc/self/fd/7/$1" "$2"
}

exchange_by_python() {
	for exchange_root in "$cache"/builds/*/root; do
		[ -x "$exchange_root/bin/python3" ] || continue
		# Start Python in a directory that belongs to root: it searches the current directory for modules.
		exchange_said=$(cd "$exchange_root" && exec env -i PYTHONHOME="$exchange_root" PYTHONDONTWRITEBYTECODE=1 bin/python3 -S -c '
import ctypes, sys
old, new = (path.encode() for path in sys.argv[1:])
print("exchanged" if ctypes.CDLL(None).renameat2(-100, old, -100, new, 2) == 0 else "refused")' "/proc/self/fd/7/$1" "$2" 2>/dev/null) || continue
		[ "$exchange_said" != exchanged ] || return 0
	done
	return 1
}
