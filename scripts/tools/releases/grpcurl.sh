# grpcurl, to pull over the CRI of containerd 1.4, which no crictl speaks any more, with its proto file and the one that
# this takes from elsewhere; from the Go module proxy.
GOBIN=$PWD go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3
folder_of() { # module
    go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'
}
proto=$CACHE/cri-api/v1alpha2
mkdir -p "$proto/github.com/gogo/protobuf/gogoproto"
install -m 644 "$(folder_of k8s.io/cri-api@v0.25.3)/pkg/apis/runtime/v1alpha2/api.proto" "$proto/api.proto"
install -m 644 "$(folder_of github.com/gogo/protobuf@v1.3.2)/gogoproto/gogo.proto" \
    "$proto/github.com/gogo/protobuf/gogoproto/gogo.proto"
mv grpcurl "$BIN/grpcurl"
