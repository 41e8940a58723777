# Read what is mounted on the host.

# An awk function: decoded(FIELD) is a path of /proc/self/mounts, on one line.
# shellcheck disable=SC2016  # awk's
decode_mount='function decoded(path) { gsub(/\\040/, " ", path); gsub(/\\011/, "\t", path); gsub(/\\012/, "?", path); gsub(/\\134/, "\\", path); return path }
'

# Prints the mount options of the file system that holds a directory: those of the last mount on its path, which hides
# the earlier ones.
mount_options() {
	POINT=$(cd -P "$1" && pwd -P) awk "$decode_mount"'
		{ path = decoded($2) }
		path == "/" || index(ENVIRON["POINT"] "/", path "/") == 1 { found = $4 }
		END { print found }
	' /proc/self/mounts
}

has_option() {
	case ",$(mount_options "$1")," in
	*",$2,"*) return 0 ;;
	esac
	return 1
}

# Prints the mount points below a directory, one a line. The directory's path must not contain a symlink.
mounts_below() {
	mount_points | BELOW=$1 awk 'index($0, ENVIRON["BELOW"] "/") == 1'
}

is_mount_point() {
	mount_points | grep -Fqx -e "$1"
}

# Prints the mount points of the host. In a confined step: as they were before it was confined.
mount_points() {
	if [ -n "${host_mounts-}" ]; then
		printf '%s\n' "$host_mounts"
	else
		awk "$decode_mount"'{ print decoded($2) }' /proc/self/mounts
	fi
}
