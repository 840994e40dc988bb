# crane, to make an image without a container engine, from the Go module proxy.
GOBIN=$BIN go install github.com/google/go-containerregistry/cmd/crane@v0.20.6
