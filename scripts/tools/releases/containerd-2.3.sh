# containerd 2.3, the first that knows version 4 of the configuration.
. "$TOOLS/shared/go-containerd.sh"
containerd 2.3.7 2.3
