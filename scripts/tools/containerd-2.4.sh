# containerd 2.4, which reads version 4 of its configuration.
. "$TOOLS/shared/go-containerd.sh"
containerd 2.4.2 2.4
