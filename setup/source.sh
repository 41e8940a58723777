#!/bin/sh
# Usage: source.sh VERSION
# Puts the source archive of that CPython into this machine's cache. It comes from python.org or, if that cannot be
# reached, from Debian's source package, whose archive is byte for byte the same.
set -eu

project=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$project/setup/lib.sh"

version=$1
there node || fail 'node is not on the PATH' 'install Node 20 or later: https://nodejs.org/en/download'
# shellcheck disable=SC2016 # JavaScript
release=$(node -p 'const { file, sha256 } = require(process.argv[1])[process.argv[2]]; `${file} ${sha256}`' \
  "$project/src/python/releases.json" "$version" 2>/dev/null) ||
  fail "Python $version is not in src/python/releases.json" 'choose a version of that table'
file=${release% *} sha256=${release#* }

sources=${PYTHON3JAIL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/python3jail}/sources
{ mkdir -p "$sources" && sources=$(cd "$sources" && pwd); } ||
  fail "$sources cannot be made" 'let PYTHON3JAIL_CACHE_DIR name a folder that you can write'
archive=$sources/$sha256/$file
url=https://www.python.org/ftp/python/$version/$file

# right FILE: true if the file has the archive's sha256 in the table of releases.
right() {
  [ -f "$1" ] && echo "$sha256  $1" | sha256sum --status -c - 2>/dev/null
}

# Gives up soon if nobody answers or the transfer stalls, but not on a slow line.
from_python_org() {
  if there curl; then
    curl -fsSL --connect-timeout 10 --speed-limit 1000 --speed-time 30 -o "$partial/$file" "$url"
  else
    wget -q --tries=1 --timeout=10 -O "$partial/$file" "$url"
  fi
}

# Debian's release that packages this version. The archive has another name there.
suite() {
  case $version in
  3.11.*) echo bookworm ;;
  3.13.5) echo trixie ;;
  3.13.15 | 3.14.8 | 3.15.0) echo forky ;;
  *) return 1 ;;
  esac
}

# Uses the machine's own mirror, but separate lists and settings. So the machine's lists stay as they are, its clean-up
# hooks do not run, and root is not needed.
from_debian() {
  if ! { suite=$(suite) && there apt-get; }; then
    echo 'no such package here'
    return 1
  fi
  # shellcheck disable=SC2016 # apt's own variables
  mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v release="$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" \
      '($2 == release || $2 ~ /^(old)?stable$/) && $3 == "main" { print $1; exit }')
  echo "deb-src $mirror $suite main" >"$partial/sources.list"
  cat >"$partial/apt.conf" <<END
Dir::State::lists "$partial/lists";
Dir::Cache "$partial/cache";
Dir::Etc::sourcelist "$partial/sources.list";
Dir::Etc::sourceparts "-";
Acquire::http::Timeout "10";
APT::Update::Error-Mode "any";
APT::Sandbox::User "root";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END
  cd "$partial" && mkdir -p lists/partial cache/archives/partial &&
    apt-get -c apt.conf update -qq &&
    apt-get -c apt.conf source -qq --tar-only --download-only "python${version%.*}" &&
    mv -- *.orig.tar.* "$file"
}

# attempt ORIGIN: tries one origin in a directory of its own. Keeps the reason of a failure.
attempt() {
  rm -rf "$partial"
  mkdir "$partial"
  why=$("$1" 2>&1) && why='another archive than ours' && right "$partial/$file" && return
  reasons=$reasons${reasons:+; }"${1#from_}: $(printf '%s\n' "$why" | tail -n 1)"
  return 1
}

if right "$archive"; then
  say source "Python $version, already there"
  exit
fi

one_at_a_time source "$sources/.lock"
if right "$archive"; then
  say source "Python $version, from the other run"
  exit
fi

partial=$sources/.partial
trap 'rm -rf "$partial"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

reasons=''
say source "fetching Python $version"
if attempt from_python_org; then
  origin=python.org
elif attempt from_debian; then
  origin="Debian's source package"
else
  fail "the source of Python $version cannot be had ($reasons)" "download $url elsewhere, and put it at $archive"
fi

mkdir -p "$sources/$sha256"
mv "$partial/$file" "$archive"
say source "Python $version, from $origin ($(took))"
