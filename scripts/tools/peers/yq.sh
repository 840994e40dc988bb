# yq (mikefarah's), which `make bench` measures beside, from the Go module proxy.
GOBIN=$BIN go install github.com/mikefarah/yq/v4@v4.53.6
