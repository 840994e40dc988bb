# regsync, which copies by the lists of kubectl tcr-images, from the Go module proxy.
GOBIN=$PWD go install -ldflags "-s -w" github.com/regclient/regclient/cmd/regsync@v0.11.7
mv regsync "$BIN/regsync"
