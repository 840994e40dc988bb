# containerd 2.2.9, which reads tables of mirrors again.
. "$TOOLS/shared/go-containerd.sh"
containerd 2.2.9 2.2.9
