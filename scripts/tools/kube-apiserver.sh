# The newest Kubernetes API server, from the Go module proxy.
. "$TOOLS/shared/go-kubernetes.sh"
kube_apiserver 37.2 kube-apiserver
