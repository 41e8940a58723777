# Measure free disk space.

# Prints the free megabytes of the file system that holds a directory.
free_mb() {
	df -Pk "$1" | awk 'NR == 2 && match($0, / [0-9]+ +([0-9]+%|-) +\//) { print int(substr($0, RSTART + 1) / 1024) }'
}
