# Krew, from the Go module proxy.
GOBIN=$PWD go install sigs.k8s.io/krew/cmd/krew@v0.4.3
mv krew "$BIN/kubectl-krew"
