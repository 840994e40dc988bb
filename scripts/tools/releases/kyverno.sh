# Kyverno's command line, from the Go module proxy, with the module that Kyverno's own go.mod puts in place of another,
# as only a main module may.
release=1.19.1
module=github.com/kyverno/kyverno
mod=$(go mod download -json "$module@v$release" | sed -n 's/^\t"GoMod": "\(.*\)",$/\1/p')
go mod init kyverno
go mod edit -require "$module@v$release"
sed -n 's|^replace \(.*\) => \(.*\) \(v.*\)$|\1=\2@\3|p' "$mod" | while read -r replacement; do
    go mod edit -replace "$replacement"
done
go build -mod=mod -ldflags "-s -w -X $module/pkg/version.BuildVersion=v$release" -o "$BIN/kyverno" \
    "$module/cmd/cli/kubectl-kyverno"
