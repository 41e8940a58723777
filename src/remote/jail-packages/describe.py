"""describe.py PIP MARKER...: what pip says of this Python, in the lines of an answer."""

import sys

pip, markers = sys.argv[1], sys.argv[2:]
sys.path.insert(0, pip)
from pip._internal.models.index import PyPI
from pip._vendor.packaging.markers import Marker
from pip._vendor.packaging.tags import sys_tags

for tag in sys_tags():
    print("tag", tag, sep="\t")
for number, marker in enumerate(markers):
    if not marker or Marker(marker).evaluate({"extra": ""}):
        print("applies", number, sep="\t")
print("index", PyPI.simple_url, sep="\t")
