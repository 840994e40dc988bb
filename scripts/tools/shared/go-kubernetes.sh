# Sourced by tools that are a release of the Kubernetes API server from the Go module proxy.

# Kubernetes' own go.mod points at the modules of its repository (k8s.io/api and so on) by folder; each is replaced by
# its release, as only a main module may.
kube_apiserver() { # release, without the 1. in front; name
    mod=$(go mod download -json "k8s.io/kubernetes@v1.$1" | sed -n 's/^\t"GoMod": "\(.*\)",$/\1/p')
    go mod init kube-apiserver
    go mod edit -require "k8s.io/kubernetes@v1.$1"
    sed -n 's|^\t\(k8s.io/[a-z0-9-]*\) => ./staging/.*|\1|p' "$mod" | while read -r module; do
        go mod edit -replace "$module=$module@v0.$1"
    done
    cat >main.go <<'END'
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() { os.Exit(cli.Run(app.NewAPIServerCommand())) }
END
    # kubectl reads the server's version; without the second flag it is not one.
    go build -mod=mod -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=v1.$1" -o "$BIN/$2" .
}
