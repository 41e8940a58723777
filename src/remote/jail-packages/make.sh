# make.sh ($jail $records $cache $key $build_key $token $requirements $hashes): makes a set of the wheels that have arrived. $requirements: one a
# line, without hashes. $hashes: lines `NAME SHA256...`; a name that has none there is not checked.
# uses: jail-packages/packages.sh jail.sh

open_jail
open_packages "$cache" "$key" "$build_key"
begin_set "$token"
trap 'rm -rf "$making"' EXIT

# Whoever brought them, and by whatever way: nothing is installed that is not what was declared.
printf '%s\n' "$hashes" >"$making/hashes"
wrong=$(cd "$making/wheels" && find . -name '*.whl' -exec sha256sum -- {} + | awk '
	pass == 1 { for (i = 2; i <= NF; i++) { right[$1, $i]; known[$1] } next }
	{ name = $2; sub(/^[*]?\.\//, "", name); wheel = name; sub(/-.*/, "", name); name = tolower(name); gsub(/[-_.]+/, "-", name) }
	(name in known) && !((name, $1) in right) { print wheel }
' pass=1 "$making/hashes" pass=2 -)
if [ -n "$wrong" ]; then
	fail wrong-hash "$wrong has none of the hashes in \`requirements\`: it was not installed" "compare the file with its origin"
fi

printf '%s\n' "$requirements" >"$making/requirements"
site=$(build_python -c 'import sysconfig; print(sysconfig.get_path("purelib", vars={"base": ""}).lstrip("/"))')
case $site in
lib/python*/site-packages) ;;
*) fail no-site "the build keeps its packages in $site" "this is a defect: please report it" ;;
esac
tree=$making/set/root
mkdir -p "$tree/$site"
export PIP_CONFIG_FILE=/dev/null
if ! run_pip install --isolated --no-index --find-links "$making/wheels" --only-binary :all: --requirement "$making/requirements" --target "$tree/$site" --no-compile --no-warn-script-location; then
	judge_pip
	fail pip "the packages could not be installed together" "see pip's last lines; a package that another one needs must be in \`requirements\` too, with its hashes"
fi
cat "$making/log"
# The programs of packages: a jail is entered through python.
rm -rf "${tree:?}/$site/bin"
strange=$(find "$tree" \( ! -type f ! -type d \) -o -name '*[[:cntrl:]\\]*' | head -n 1)
if [ -n "$strange" ]; then
	fail strange-file "a package has a file that is none, or whose name cannot be kept in a list: ${strange##*/}" "leave that package out"
fi
chmod -R u+rwX,go+rX,go-w "$tree"
# Ahead, as the jail cannot write them, and never checked against the source. What does not compile is no module.
build_python -m compileall -q -q --invalidation-mode unchecked-hash -s "$tree" -p / "$tree/$site" >"$making/log" 2>&1 || judge_disk

for information in "$tree/$site"/*.dist-info; do
	if [ -d "$information" ]; then printf '%s\n' "${information##*/}"; fi
done | sed 's/\.dist-info$//' | awk '{ name = $0; sub(/-.*/, "", name); gsub(/[-_.]+/, "-", name); sub(/^[^-]*-/, ""); print tolower(name), $0 }' | sort >"$making/set/versions"
printf '%s\n' "$site" >"$making/set/site"
(
	cd "$tree/$site" || exit 1
	find . -mindepth 1 -type d | sed "s|^\./|d - $site/|"
	find . -type f -exec sha256sum -- {} + | sed "s|^\([0-9a-f]*\) [ *]\./|f \1 $site/|"
) | sort -k 3 >"$making/set/manifest"
# In the cache only when whole. Another jail's may have come first: it is the same.
[ -d "$set" ] || mv -T -- "$making/set" "$set" || [ -d "$set" ]

# The newest stay, for the next jail or a way back; older ones go.
find "$cache/packages" -mindepth 1 -maxdepth 1 -type d ! -name 'new.*' -exec stat -c '%Y %n' {} + | sort -rn | tail -n +6 | cut -d ' ' -f 2- | while read -r old; do rm -rf "$old"; done
