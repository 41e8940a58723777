# describe.sh JAIL RECORDS CACHE KEY BUILD_KEY TOKEN DESCRIBE_PY MARKER...: which wheels the jail's python takes, which of the
# markers apply to it, and where to send the wheels.
# uses: jail-packages/packages.sh jail.sh
jail=$1 records=$2 cache=$3 key=$4 build_key=$5 token=$6 describe_py=$7
shift 7

open_jail
open_packages "$cache" "$key" "$build_key"
begin_set "$token"
build_python -c "$describe_py" "$pip" "$@" >"$making/description"
cat "$making/description" >&3
answer place "$making/wheels"
