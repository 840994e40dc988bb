# containerd 1.6, which the TKE nodes of today run, from Debian 12's packages.
. "$TOOLS/shared/debian.sh"
containerd bookworm 1.6
