"""package_of.py MODULE: prints the name and the version of the package that installed a module."""

import sys
from importlib.metadata import distributions

path = sys.argv[1].replace(".", "/")
for package in distributions():
    if any(str(file).startswith((path + "/", path + ".")) for file in package.files or ()):
        print(package.metadata["Name"], package.version)
        break
