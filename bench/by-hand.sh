#!/bin/sh
# Usage: by-hand.sh ARCHIVE STORE JAIL
# The jail that one makes by hand: CPython's own configure, make and make install into it, and the libraries of the
# host's loader. STORE keeps it from one run to the next; JAIL is a copy of it where it is measured.
set -eu
archive=$1 store=$2 jail=$3

if [ ! -e "$store/done" ]; then
  rm -rf "$store"
  mkdir -p "$store/source" "$store/jail"
  case $archive in
  *.xz) xz -dc "$archive" ;;
  *) gzip -dc "$archive" ;;
  esac | tar -x -f - -C "$store/source" --strip-components=1
  cd "$store/source"
  nice ./configure --prefix="$store/jail"
  nice make -j "$(getconf _NPROCESSORS_ONLN)"
  nice make install
  cd "$store/jail"
  rm -rf "$store/source"
  mkdir -p dev static
  touch REM_this_is_jail
  # Files alone, as cp without -r takes them. On Debian the loader is in one folder, the libraries in another.
  for folder in /lib64 "/lib/$(uname -m)-linux-gnu"; do
    [ -d "$folder" ] || continue
    mkdir -p ".$folder"
    find -L "$folder" -maxdepth 1 -type f -exec cp -t ".$folder" {} +
  done
  chmod -R a+rX .
  touch "$store/done"
fi
rm -rf "$jail"
cp -R -p "$store/jail" "$jail"
mknod -m 0666 "$jail/dev/null" c 1 3
mknod -m 0666 "$jail/dev/random" c 1 8
mknod -m 0444 "$jail/dev/urandom" c 1 9
