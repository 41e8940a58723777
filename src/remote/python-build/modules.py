"""Prints which of CPython's optional modules this build lacks, one a line, by the names that programs import."""
import importlib

OPTIONAL = """
bz2 compression.zstd crypt ctypes curses curses.panel dbm.gnu dbm.ndbm hashlib lzma readline sqlite3 ssl tkinter uuid zlib
""".split()
# uuid and hashlib import without their extension modules.
EXTENSIONS = {"uuid": "_uuid", "hashlib": "_hashlib"}

# Not in every version of Python, or left out on purpose: where one does not exist at all, it is not missing.
NOT_ALWAYS = {"crypt", "compression", "tkinter"}

for name in OPTIONAL:
    try:
        importlib.import_module(EXTENSIONS.get(name, name))
    except ImportError as error:
        if error.name not in NOT_ALWAYS:
            print(name)
