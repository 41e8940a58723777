#!/bin/sh
# Usage: by-hand.sh ARCHIVE STORE
# Makes the jail that one makes by hand, at STORE/jail: CPython's own configure, make and make install into it, and the
# libraries of the host's loader. (Without the device nodes, which weigh nothing.) It stays there for the next run.
set -eu
archive=$1 store=$2

[ ! -e "$store/done" ] || exit 0
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
