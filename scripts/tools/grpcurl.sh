# grpcurl, to pull over the CRI as the kubelet does, and the CRI's proto file, from the Go module proxy.
GOBIN=$PWD go install github.com/fullstorydev/grpcurl/cmd/grpcurl@v1.9.3
folder=$(go mod download -json k8s.io/cri-api@v0.34.2 | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
mkdir -p "$CACHE/cri-api"
cp "$folder/pkg/apis/runtime/v1/api.proto" "$CACHE/cri-api/api.proto"
chmod u+w "$CACHE/cri-api/api.proto"
mv grpcurl "$BIN/grpcurl"
