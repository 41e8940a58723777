# What every remote step begins with. POSIX sh (dash, busybox, bash): no bashisms.
#
# A step answers on standard output, in lines of fields parted by tabs; the caller parses and checks them. Everything
# else (what tools print) goes to standard error and is shown where the step fails.

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
LC_ALL=C
export PATH LC_ALL
umask 022
set -eu
exec 3>&1 1>&2
# Not in a folder of the login's own: what looks for files where it is finds none that somebody left there.
cd /

# A shell that a signal ends does what is to be done at its exit in bash alone; so that no step leaves its temporary folders when
# nobody listens any more, all end by themselves. What is started has the signals as they were; a subshell has to call this again.
end_on_signals() {
	trap 'exit 1' PIPE HUP INT TERM
}

end_on_signals

tab=$(printf '\t')
line_break='
'

# One line of the answer. Fields come from us or were checked; use one_line for what others wrote.
answer() {
	answer_line=$1
	shift
	for answer_field; do answer_line=$answer_line$tab$answer_field; done
	printf '%s\n' "$answer_line" >&3
}

# Text that others may have written (a tool's message, a file name), made fit for one field.
one_line() {
	case $1 in
	*[!\ -~]*) ;;
	*)
		# The usual case, without a process.
		if [ ${#1} -le 400 ]; then
			printf '%s' "$1"
			return
		fi
		;;
	esac
	printf '%s' "$1" | tr '\000-\037\177' '?' | cut -c1-400
}

# fail CODE REASON REMEDY: ends the step.
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

# temporary_folder: makes a directory for files of this step, which its end removes, and prints its path. Removes those of steps that
# were killed. That of a reading is in the directory of all (keep.sh), which goes with them.
temporary_folder() {
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

# do_not_keep: for a reading whose answer may be another one although nothing has changed: a program that failed, for one.
do_not_keep() {
	[ -z "${keep_work-}" ] || : >"$keep_work/transient"
}

# need_root: ends the step where it does not run as root. As root, who has the root directory too, it starts no program.
need_root() {
	if [ -O / ] || [ "$(id -u)" = 0 ]; then return 0; fi
	fail not-root "you are $(id -un) there, not root" "set \`sudo: true\` in the host's \`connection\` (on the command line: \`--sudo\`), or log in as root"
}

# need_tools NAME...: ends the step where the host lacks one of these. Builtins alone do it: any tool may be missing.
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

# os_release NAME: what the distribution says of itself (os-release(5)); empty where it says nothing.
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
