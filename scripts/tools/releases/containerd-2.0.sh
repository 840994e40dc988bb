# containerd 2.0, which pulls by itself and has no default config_path.
. "$TOOLS/shared/go-containerd.sh"
containerd 2.0.14 2.0
