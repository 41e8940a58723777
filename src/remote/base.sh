# The start of every remote step. POSIX sh (dash, busybox, bash): no bashisms.
#
# A step answers on standard output, in lines of tab-separated fields, which the caller parses and checks. Everything
# else (what tools print) goes to standard error, and is shown if the step fails.

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 022
set -eu
exec 3>&1 1>&2
# Leave the login's own directory: programs that search the current directory would find files that somebody put there.
cd /

# Exit on signals. Only bash runs its EXIT trap when a signal ends it, so without this a step whose caller is gone would
# leave its temporary directories behind. Started programs have the default handlers; a subshell has to call this again.
end_on_signals() {
	trap 'exit 1' PIPE HUP INT TERM
}

end_on_signals

tab=$(printf '\t')
line_break='
'

# Prints one line of the answer. Fields must be ours or checked; use one_line for text that others wrote.
answer() {
	answer_line=$1
	shift
	for answer_field; do answer_line=$answer_line$tab$answer_field; done
	printf '%s\n' "$answer_line" >&3
}

# Prints text that others may have written (a tool's message, a file name) so that it fits into one field.
one_line() {
	case $1 in
	*[!\ -~]*) ;;
	*)
		# The usual case: no process needed.
		if [ ${#1} -le 400 ]; then
			printf '%s' "$1"
			return
		fi
		;;
	esac
	printf '%s' "$1" | tr '\000-\037\177' '?' | cut -c1-400
}

# fail CODE REASON REMEDY: answers with the failure and ends the step.
fail() {
	answer fail "$1" "$(one_line "$2")" "$(one_line "$3")"
	exit 1
}

warn() {
	answer warn "$(one_line "$1")"
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# temporary_directory: makes a directory for files of this step and prints its path. The step must remove it when it ends.
# A read gets it inside the directory that keep.sh removes with all others. Also removes directories that killed steps left.
temporary_directory() {
	if [ -n "${keep_work-}" ]; then
		mktemp -d "$keep_work/XXXXXX"
		return
	fi
	find "${TMPDIR:-/tmp}" -mindepth 1 -maxdepth 1 -type d -user 0 -name 'python3jail-[0-9]*.??????' | while IFS= read -r temporary_left; do
		temporary_pid=${temporary_left##*/python3jail-}
		[ -d "/proc/${temporary_pid%.*}" ] || rm -rf "$temporary_left"
	done
	mktemp -d "${TMPDIR:-/tmp}/python3jail-$$.XXXXXX"
}

# do_not_keep: marks the answer of a read as not cacheable, because it may differ next time although nothing has changed
# (a program failed, for example).
do_not_keep() {
	[ -z "${keep_work-}" ] || : >"$keep_work/transient"
}

# need_root: ends the step if it does not run as root. Starts no program if the user owns the root directory.
need_root() {
	if [ -O / ] || [ "$(id -u)" = 0 ]; then return 0; fi
	fail not-root "you are $(id -un) there, not root" "set \`sudo: true\` in the host's \`connection\` (on the command line: \`--sudo\`), or log in as root"
}

# need_tools NAME...: ends the step if the host lacks one of these tools. Uses only builtins, as any tool may be
# missing.
need_tools() {
	tools_lacking=
	for tool; do have "$tool" || tools_lacking="$tools_lacking $tool"; done
	if [ -n "$tools_lacking" ]; then
		answer lacks-tools "${tools_lacking# }" "$(os_release ID)" "$(os_release ID_LIKE)"
		exit 1
	fi
}

is_file() {
	[ -f "./$1" ] && [ ! -L "./$1" ]
}

# os_release NAME: prints a value of the distribution's os-release(5); empty if it is not set.
os_release() (
	release=/etc/os-release
	[ -r "$release" ] || release=/usr/lib/os-release
	[ -r "$release" ] || return 0
	# shellcheck disable=SC1090
	. "$release"
	case $1 in
	ID) one_line "${ID:-}" ;;
	ID_LIKE) one_line "${ID_LIKE:-}" ;;
	VERSION_ID) one_line "${VERSION_ID:-}" ;;
	PRETTY_NAME) one_line "${PRETTY_NAME:-}" ;;
	esac
)
