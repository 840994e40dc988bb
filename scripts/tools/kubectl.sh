# kubectl, from the Go module proxy: the module k8s.io/kubectl with the main of cmd/kubectl, whose own module
# (k8s.io/kubernetes) is ten times as large.
release=34.2
go mod init kubectl
go mod edit -require "k8s.io/kubectl@v0.$release" -require "k8s.io/component-base@v0.$release"
cat >main.go <<'END'
package main

import (
	"k8s.io/component-base/cli"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
)

func main() {
	if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
		util.CheckErr(err)
	}
}
END
go build -mod=mod -ldflags "-s -w -X k8s.io/component-base/version.gitVersion=v1.$release" -o "$BIN/kubectl" .
