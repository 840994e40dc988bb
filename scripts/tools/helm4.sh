# Helm 4, from the Go module proxy.
GOBIN=$PWD go install -ldflags "-s -w" helm.sh/helm/v4/cmd/helm@v4.2.4
mv helm "$BIN/helm4"
