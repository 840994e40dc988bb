# containerd 2.2.1: 2.2 is the first to come with a default config_path, and this one cannot have a table of mirrors.
. "$TOOLS/shared/go-containerd.sh"
containerd 2.2.1 2.2.1
