# trim.sh ROOT INCLUDE: takes out of a tree as `make install` left it what no jail needs, but for what INCLUDE names:
# the words of the resource's `include`, parted by spaces.
set -eu
cd "$1"
include=" $2 "

without() {
	case $include in
	*" $1 "*) return 1 ;;
	esac
}

if without tests; then
	# Older releases have them in many places, and no flag of configure that leaves them out.
	find lib*/python* -name site-packages -prune -o -type d \( -name test -o -name tests -o -name idle_test \) -prune -exec rm -rf {} +
	for modules in lib*/python*/lib-dynload; do
		rm -f "$modules"/_test* "$modules"/_ctypes_test* "$modules"/_xxtestfuzz* "$modules"/xxlimited*
	done
fi
if without tkinter; then
	for library in lib*/python*; do
		rm -rf "$library"/tkinter "$library"/turtle.py "$library"/turtledemo "$library"/idlelib "$library"/lib-dynload/_tkinter*
	done
	# An archive of a build may bring Tk along.
	rm -rf lib/libtcl* lib/libtk* lib/tcl[0-9]* lib/tk[0-9]* lib/itcl[0-9]* lib/thread[0-9]*
fi
if without ensurepip; then rm -rf lib*/python*/ensurepip lib*/python*/site-packages/pip lib*/python*/site-packages/pip-*.dist-info bin/pip*; fi
if without docs; then rm -rf share/man lib*/python*/pydoc_data; fi
if without headers; then rm -rf include lib*/pkgconfig bin/python*-config; fi
if without static; then
	rm -f lib*/libpython*.a lib*/python*/config-*/libpython*.a lib*/python*/config-*/python.o
	if without headers; then rm -rf lib*/python*/config-*; fi
fi
# Each of these is `python3 -m` something; and what is there for Windows alone.
rm -f bin/2to3* bin/idle* bin/pydoc*
find lib*/python* -name site-packages -prune -o -name '*.exe' -exec rm -f {} +
rmdir share include 2>/dev/null || :

if without symbols && command -v strip >/dev/null; then
	find . -type f \( -perm -100 -o -name '*.so*' \) | while read -r file; do
		case $(head -c 4 "$file" | od -An -tx1 | tr -d ' \n') in
		7f454c46) strip --strip-unneeded "$file" ;;
		esac
	done
fi
