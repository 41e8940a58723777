# read.sh ($jail $records): reads what `adopt --plan` prints of a jail made by hand. Runs no program of the jail.
# uses: jail.sh vis.sh walk.sh

jail_kind
answer jail "$jail_is"
if [ "$jail_is" = none ]; then return 0; fi

# count NAME FIND_ARGUMENT...: answers how many paths find finds.
count() {
	count_name=$1
	shift
	answer count "$count_name" "$(find -P . -xdev "$@" -exec stat -c x {} + 2>/dev/null | wc -l | tr -d ' ')"
}

# Find each Python by its library; its header has the full version.
for library in lib/python3.* lib64/python3.*; do
	if [ ! -d "./$library" ] || [ -L "./$library" ]; then continue; fi
	line=${library##*/python}
	case $line in *[!0-9.]*) continue ;; esac
	version=
	if is_file "include/python$line/patchlevel.h"; then
		version=$(sed -n 's/^#define PY_VERSION[[:space:]]*"\([0-9.]*\)[^"]*".*/\1/p' "./include/python$line/patchlevel.h" | head -n 1)
	fi
	answer python "$line" "$version"
	find -P "./$library/site-packages" -mindepth 1 -maxdepth 1 \( -name '*.dist-info' -o -name '*.egg-info' \) ! -name "*$line_break*" 2>/dev/null |
		sed 's|.*/||; s/\.[a-z]*-info$//' | LC_ALL=C sort | head -n 500 | vis_lines | while IFS= read -r package; do answer package "$line" "$package"; done
done

find -P . -xdev -exec stat -c '%u:%g %U:%G' {} + | LC_ALL=C sort | uniq -c | sort -rn | head -n 10 | while read -r paths ids names; do
	answer owner "$ids" "$(one_line "$names")" "$paths"
done

count static -path './static/*' ! -type d
count scratch -path './scratch/*' ! -type d
count libraries \( -path './lib64/*' -o -path './lib/*' \) ! -path './lib*/python3.*' -name '*.so*' ! -type d
count setuid -type f \( -perm -4000 -o -perm -2000 \)
count writable ! -type l ! -type c ! -path './scratch' ! -path './scratch/*' -perm -0002

find -P ./dev -xdev \( -type c -o -type b \) ! -name "*$line_break*" -exec stat -c '%F%t %T %a %n' {} + 2>/dev/null |
	sed 's/^character special file/c /; s/^block special file/b /' | head -n 50 | while read -r kind major minor mode path; do
	answer device "$kind" "$major" "$minor" "$mode" "$(printf '%s\n' "${path#./}" | vis_lines)"
done

# Answer what belongs neither to the usual layout of a jail nor to us.
find -P . -xdev -mindepth 1 -maxdepth 1 ! -name "*$line_break*" | sed 's|^\./||' | LC_ALL=C sort | while IFS= read -r entry; do
	case $entry in
	"$marker" | "$id_file" | .libraries | bin | dev | etc | include | lib | lib64 | scratch | share | static | tmp | usr) ;;
	*) answer other "$(printf '%s\n' "$entry" | vis_lines)" ;;
	esac
done | head -n 200
