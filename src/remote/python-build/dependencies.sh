# dependencies.sh ($family "$@"): installs packages with the distribution's package manager.
case $family in
debian)
	DEBIAN_FRONTEND=noninteractive
	export DEBIAN_FRONTEND
	apt-get install -y --no-install-recommends -- "$@" || { apt-get update && apt-get install -y --no-install-recommends -- "$@"; }
	;;
fedora) if have dnf; then dnf install -y -- "$@"; else yum install -y -- "$@"; fi ;;
alpine) apk add -- "$@" ;;
suse) zypper --non-interactive install -- "$@" ;;
esac || fail build-dependencies "the build dependencies could not be installed: $*" "install them by hand"
