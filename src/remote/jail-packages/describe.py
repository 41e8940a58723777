"""describe.py PIP MARKER...: prints what pip says of this Python, as lines of an answer."""

import sys

pip, markers = sys.argv[1], sys.argv[2:]
sys.path.insert(0, pip)
from pip._internal.configuration import Configuration
from pip._internal.exceptions import ConfigurationError
from pip._vendor.packaging.markers import Marker
from pip._vendor.packaging.tags import sys_tags

for tag in sys_tags():
    print("tag", tag, sep="\t")
for number, marker in enumerate(markers):
    if not marker or Marker(marker).evaluate({"extra": ""}):
        print("applies", number, sep="\t")

# Print which of the host's own settings say where packages come from.
configuration = Configuration(isolated=False)
configuration.load()
for section in "global", "download", ":env:":
    for setting in "index-url", "extra-index-url", "no-index", "find-links":
        try:
            configuration.get_value(f"{section}.{setting}")
        except ConfigurationError:
            continue
        print("own-settings", setting, sep="\t")
