# crictl, which nodes have to ask their runtime, from the Go module proxy.
GOBIN=$PWD go install -ldflags "-s -w" sigs.k8s.io/cri-tools/cmd/crictl@v1.34.0
mv crictl "$BIN/crictl"
