# Kubernetes 1.34, where mutating admission policies are still a beta that has to be switched on.
. "$TOOLS/shared/go-kubernetes.sh"
kube_apiserver 34.2 kube-apiserver-1.34
