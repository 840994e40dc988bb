# containerd 1.4, which does not read hosts.toml files, from Debian 11's packages.
. "$TOOLS/shared/debian.sh"
containerd bullseye 1.4
# No crictl speaks its CRI any more; grpcurl does, with the proto file.
folder=$(go mod download -json k8s.io/cri-api@v0.25.3 | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
mkdir -p "$CACHE/cri-api/v1alpha2"
cp "$folder/pkg/apis/runtime/v1alpha2/api.proto" "$CACHE/cri-api/v1alpha2/api.proto"
chmod u+w "$CACHE/cri-api/v1alpha2/api.proto"
