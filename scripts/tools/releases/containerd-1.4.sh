# containerd 1.4, which does not read hosts.toml files, from Debian 11's packages.
. "$TOOLS/shared/debian.sh"
containerd bullseye 1.4
