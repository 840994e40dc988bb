# containerd 2.1, the first that pulls through its transfer service.
. "$TOOLS/shared/go-containerd.sh"
containerd 2.1.9 2.1
