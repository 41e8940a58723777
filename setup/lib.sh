# shellcheck shell=sh
# Functions of the set-up's steps: print, fail, measure time, and lock.

if [ -t 1 ] && [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$(printf '\033[1m') red=$(printf '\033[31m') plain=$(printf '\033[0m')
else
  bold='' red='' plain=''
fi

# say STEP TEXT: prints one line on what a step did or will do.
say() {
  printf '  %s%-13s%s%s\n' "$bold" "$1" "$plain" "$2"
}

# fail WHAT REMEDY: ends the set-up, with one line on the reason and one on what to do.
fail() {
  printf '%serror:%s %s\n       %s\n' "$red" "$plain" "$1" "$2" >&2
  exit 1
}

# Every step is a process of its own, so its time starts when it loads this file.
started=$(date +%s)

# took: prints for how long the step has run, in words.
took() {
  seconds=$(($(date +%s) - started))
  if [ "$seconds" -lt 60 ]; then
    echo "$seconds s"
  else
    echo "$((seconds / 60)) min $((seconds % 60)) s"
  fi
}

# there COMMAND...: true if all commands can be run. A user's PATH often lacks the directories of servers and root's tools.
there() {
  for command; do
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v "$command" >/dev/null || return 1
  done
}

# quietly COMMAND...: runs a command, and prints the last lines of its output only if it fails.
quietly() {
  output=$("$@" 2>&1) || {
    status=$?
    printf '%s\n' "$output" | tail -n 15 >&2
    return "$status"
  }
}

# one_at_a_time STEP FILE: lets only one process run the rest of this step. The lock ends with the process.
one_at_a_time() {
  exec 9>>"$2"
  flock -n 9 && return
  say "$1" 'waiting for another run of the same'
  flock 9
}
