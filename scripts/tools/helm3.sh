# Helm 3, from the Go module proxy.
GOBIN=$PWD go install helm.sh/helm/v3/cmd/helm@v3.21.4
mv helm "$BIN/helm3"
