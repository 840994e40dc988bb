# kbld, which `make bench` measures beside, from the Go module proxy: as a requirement, since go install asks for all versions.
printf 'module scratch\ngo 1.24\nrequire carvel.dev/kbld v0.46.0\n' >go.mod
printf '//go:build tools\n\npackage scratch\n\nimport _ "carvel.dev/kbld/cmd/kbld"\n' >tools.go
go mod tidy
go build -o "$BIN/kbld" carvel.dev/kbld/cmd/kbld
