# containerd 1.7, the last that starts with a table of version 1, from Debian 13's packages.
. "$TOOLS/shared/debian.sh"
containerd trixie 1.7
