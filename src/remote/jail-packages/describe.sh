# describe.sh ($jail $records $cache $key $build_key $token $describe_py "$@"): answers which wheels the jail's python
# accepts, which of the markers ("$@") apply to it, and where to upload the wheels.
# uses: jail-packages/packages.sh jail.sh

open_jail
open_packages "$cache" "$key" "$build_key"
begin_set "$token"
build_python -c "$describe_py" "$pip" "$@" >"$making/description"
cat "$making/description" >&3
answer place "$making/wheels"
