# Kustomize, from the Go module proxy.
GOBIN=$PWD go install sigs.k8s.io/kustomize/kustomize/v5@v5.7.1
mv kustomize "$BIN/kustomize"
