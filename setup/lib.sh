# shellcheck shell=sh
# How the set-up's steps speak, fail, keep the time, and keep out of each other's way.

if [ -t 1 ] && [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$(printf '\033[1m') red=$(printf '\033[31m') plain=$(printf '\033[0m')
else
  bold='' red='' plain=''
fi

# say STEP TEXT: one line for what a step did, or is about to do.
say() {
  printf '  %s%-13s%s%s\n' "$bold" "$1" "$plain" "$2"
}

# fail WHAT REMEDY: the end of the set-up, in one line, and in another what to do about it.
fail() {
  printf '%serror:%s %s\n       %s\n' "$red" "$plain" "$1" "$2" >&2
  exit 1
}

# Every step is a process of its own, so its time starts here.
started=$(date +%s)

# took: how long the step has been at it, in words.
took() {
  seconds=$(($(date +%s) - started))
  if [ "$seconds" -lt 60 ]; then
    echo "$seconds s"
  else
    echo "$((seconds / 60)) min $((seconds % 60)) s"
  fi
}

# there COMMAND...: whether every one of them can be run. Servers and tools for root are often off a user's PATH.
there() {
  for command; do
    PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin command -v "$command" >/dev/null || return 1
  done
}

# quietly COMMAND...: nothing to read when it works; when it fails, its last lines.
quietly() {
  output=$("$@" 2>&1) || {
    status=$?
    printf '%s\n' "$output" | tail -n 15 >&2
    return "$status"
  }
}

# one_at_a_time STEP FILE: from here to its end, this step runs in one process only. The lock goes with the process.
one_at_a_time() {
  exec 9>>"$2"
  flock -n 9 && return
  say "$1" 'waiting for another run of the same'
  flock 9
}
