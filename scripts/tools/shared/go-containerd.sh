# Sourced by tools that are a release of containerd 2 from the Go module proxy.

# containerd, and its ctr. Their own main packages are built as a dependency, so that containerd's go.mod is in force
# but for what only a main module may say.
containerd() { # release name
    go mod init containerd
    go get "github.com/containerd/containerd/v2@v$1"
    for program in containerd ctr; do
        go build -mod=mod -tags no_btrfs \
            -ldflags "-s -w -X github.com/containerd/containerd/v2/version.Version=v$1" \
            -o "$BIN/$program-$2" "github.com/containerd/containerd/v2/cmd/$program"
    done
}
