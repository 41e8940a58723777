# Answer which python is in the jail, from the part `python` of the manifest.
# uses: manifest-part.sh manifest.sh

answer_python() {
	answer version "$(fact version)"
	answer digest "$(manifest_digest <"$lists/recorded")"
	fact missing | while read -r module; do answer missing-module "$module"; done
}
