# What `make fuzz` holds the rewriter against: yaml-oracle.go, which reads manifests by the modules that kubectl uses,
# from the Go module proxy. Once in the versions that the kubectl of scripts/tools/kubectl.sh is built from, once in the
# newest of today.
build() {
    name=$1
    shift
    mkdir "$name"
    cp "${0%.sh}.go" "$name/main.go"
    (cd "$name" && go mod init "$name" && go get "$@" && go mod tidy && go build -mod=mod -ldflags "-s -w" -o "$BIN/$name" .)
}
build yaml-oracle k8s.io/apimachinery@v0.34.2 sigs.k8s.io/yaml@v1.6.0 go.yaml.in/yaml/v2@v2.4.2
build yaml-oracle-newest k8s.io/apimachinery@v0.37.2 sigs.k8s.io/yaml@v1.6.0 go.yaml.in/yaml/v2@v2.4.5
