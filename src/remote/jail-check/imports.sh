# imports.sh ($jail $records $safeexec $uid $gid $cpu $clock $memory $processes $files $file_kb $environment $skip $package_of):
# imports each top-level module of the installed packages in the jail, in a run of its own as an
# unprivileged user (sandbox.sh). Answers `imported COUNT` and `failing COUNT`. For each of the first 10 failures also
# answers `failed MODULE PACKAGE` and the result of the run, by the module's name.
# uses: jail.sh manifest.sh sandbox.sh

# Bytes of output to keep: enough for a long traceback, of which the last line counts.
max_output=65536

import_module='import importlib, sys; importlib.import_module(sys.argv[1]); print("imported")'

# list_modules: prints the modules to import: single files, packages, and the packages in a namespace package. Leaves
# out $skip, and the tests, docs and examples that some wheels install beside their modules.
list_modules() {
	entries_of packages | awk -F "$tab" -v skip="$skip" '
		BEGIN {
			count = split("test tests docs examples " skip, names, " ")
			for (i = 1; i <= count; i++) skipped[names[i]]
		}
		function is_name(text) { return text ~ /^[A-Za-z_][A-Za-z0-9_]*$/ }
		{ path = $4 }
		$1 == "file" && sub(/^lib\/python[^\/]*\/site-packages\//, "", path) {
			depth = split(path, part, "/")
			if (depth == 1 && part[1] ~ /\.(py|so)$/) { sub(/\..*/, "", part[1]); modules[part[1]] = part[1] }
			if (part[depth] !~ /^__init__\.(py|.*so)$/) next
			if (depth == 2) modules[part[1]] = part[1]
			if (depth == 3 && is_name(part[2])) modules[part[1] "." part[2]] = part[1]
		}
		END {
			for (module in modules) {
				top = modules[module]
				if (is_name(top) && !(module in skipped) && !(top in skipped) && (module == top || !(top in modules))) print module
			}
		}
	' | sort
}

# has_imported: whether the last run completed its import.
has_imported() {
	[ "$(cat "$out/import.code")" = 0 ] && [ "$(tail -n 1 "$out/import.printed")" = imported ] || return 1
	[ "$sandbox_via" = chroot ] || grep -qx OK "$out/import.errors"
}

open_jail
open_sandbox
list_modules >"$out/modules"
imported=0 failing=0
while IFS= read -r module <&8; do
	try_in_sandbox import -c "$import_module" "$module" </dev/null
	if has_imported; then
		imported=$((imported + 1))
		continue
	fi
	failing=$((failing + 1))
	[ "$failing" -le 10 ] || continue
	for result in code printed errors; do mv "$out/import.$result" "$out/$module.$result"; done
	answer_run "$module"
	try_in_sandbox package -c "$package_of" "$module" </dev/null
	answer failed "$module" "$(one_line "$(head -n 1 "$out/package.printed")")"
done 8<"$out/modules"
answer imported "$imported"
answer failing "$failing"
