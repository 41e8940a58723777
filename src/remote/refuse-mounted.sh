# Refuse changes in the jail where something is mounted.
# uses: mounts.sh

# refuse_mounted: ends the step if something is mounted at, below or above one of the paths on standard input (relative
# to the jail). The step makes, replaces or removes these paths, which would detach the mount or be hidden by it.
refuse_mounted() {
	[ -n "$jail_mounts" ] || return 0
	refuse_first=$(JAIL=$jail MOUNTS=$jail_mounts awk '
		BEGIN { count = split(ENVIRON["MOUNTS"], mounts, "\n") }
		{
			path = ENVIRON["JAIL"] "/" $0
			for (i = 1; i <= count; i++) if (index(mounts[i] "/", path "/") == 1 || index(path, mounts[i] "/") == 1) { print mounts[i]; exit }
		}
	')
	[ -z "$refuse_first" ] || fail mounted "$(one_line "$refuse_first") is mounted in the jail, where this step makes, replaces or removes files" "unmount it (\`umount\`), then run the same command again"
}

# is_mounted PATH: succeeds if a path of the jail is a mount point, or lies below one.
is_mounted() {
	[ -n "${jail_mounts-}" ] && printf '%s\n' "$jail_mounts" | MOUNTED=$jail/$1 awk 'index(ENVIRON["MOUNTED"] "/", $0 "/") == 1 { found = 1 } END { exit !found }'
}

# refuse_mounted_here NAME...: does the same for names in the current directory, right before they are removed or
# replaced.
refuse_mounted_here() {
	[ -n "${jail_mounts-}" ] || return 0
	refuse_here=$(pwd -P)
	refuse_here=${refuse_here#"$jail"}
	for refuse_name; do printf '%s/%s\n' "$refuse_here" "${refuse_name#./}"; done | sed 's|^/||' | refuse_mounted
}
