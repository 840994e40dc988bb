# The token server of distribution, for registries that ask for a Bearer token, from the Go module proxy.
GOBIN=$PWD go install -ldflags "-s -w" github.com/docker/distribution/contrib/token-server@v2.8.3+incompatible
mv token-server "$BIN/token-server"
