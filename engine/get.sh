#!/bin/sh
# Puts the Pulumi engine where the npm package `pulumi` looks for it: by that package's own download, or, where
# the download cannot be reached, built with Go from the modules that cli/ and language-nodejs/ pin.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
project=$(dirname "$here")
# shellcheck source-path=SCRIPTDIR source=../setup/lib.sh
. "$project/setup/lib.sh"

version=$(sed -n 's/^ *"pulumi": "\([0-9.]*\)".*/\1/p' "$project/package.json")
versions=${PULUMI_HOME:-$HOME/.pulumi}/versions
{ mkdir -p "$versions" && versions=$(cd "$versions" && pwd); } ||
  fail "$versions cannot be made" 'let PULUMI_HOME name a folder that you can write'
engine=$versions/$version

# The new engine grows next to its place, in a home of its own, and is moved into place as a whole.
partial=$versions/.$version.partial
new=$partial/versions/$version

cli_version=github.com/pulumi/pulumi/sdk/v3/go/common/version.Version

# The npm package is content with any executable file; this wants all of the engine, in the right version.
whole() {
  [ -x "$1/bin/pulumi-language-nodejs" ] && [ -x "$1/bin/pulumi-resource-pulumi-nodejs" ] &&
    [ "$(PULUMI_SKIP_UPDATE_CHECK=true "$1/bin/pulumi" version 2>/dev/null)" = "v$version" ]
}

# npm's package gives up by itself where nothing answers; the limit is for a line that hangs.
download() {
  PULUMI_HOME=$partial PULUMI_VERSION=$version \
    timeout --foreground 900 node "$project/node_modules/pulumi/run.js" version
}

# Go itself knows best whether it can do with these modules, and fetches a newer Go if it may.
can_build() {
  there go && (cd "$here/cli" && go list -m)
}

# build FOLDER LINKER-FLAGS: the tool that the folder's go.mod names. Without cgo it needs no C compiler.
build() (
  cd "$here/$1"
  CGO_ENABLED=0 go build -mod=readonly -trimpath -ldflags "-s -w $2" -o "$new/bin/" tool
)

if whole "$engine"; then
  say engine "pulumi $version, already there"
  exit
fi

dynamic_provider=$project/node_modules/@pulumi/pulumi/pulumi-resource-pulumi-nodejs
[ -f "$dynamic_provider" ] || fail 'the npm packages are not installed yet' 'run: sh setup/run.sh dependencies engine'

one_at_a_time engine "$versions/.$version.lock"
if whole "$engine"; then
  say engine "pulumi $version, from the other run"
  exit
fi

trap 'rm -rf "$partial"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
rm -rf "$partial"
mkdir "$partial"

export GOWORK=off PATH="$PATH:/usr/local/go/bin"
say engine "downloading pulumi $version"
if reason=$(download 2>&1); then
  how=downloaded
elif can_build >/dev/null 2>&1; then
  say engine 'no download from here: building it from Go modules (some minutes, once)'
  rm -rf "$new"
  mkdir -p "$new/bin"
  cp "$dynamic_provider" "$new/bin/"
  { quietly build language-nodejs '' && quietly build cli "-X $cli_version=v$version"; } ||
    fail "pulumi $version cannot be built" 'see above what Go says, then run this again: it goes on where it stopped'
  how='built from Go modules'
else
  reason=$(printf '%s\n' "$reason" | tail -n 1)
  go=$(sed -n 's/^go //p' "$here/cli/go.mod")
  fail "pulumi $version cannot be downloaded ($reason), nor built without Go $go or later" \
    'let this machine reach https://get.pulumi.com, or install Go from https://go.dev/dl/'
fi

whole "$new" ||
  fail "what was $how is not the whole of pulumi $version" 'run this again; if it stays so, please report it'
rm -rf "$engine"
mv "$new" "$engine"
say engine "pulumi $version, $how ($(took))"
