#!/usr/bin/env bash
# The same; tcr-rewrite runs kubectl kustomize itself: apply-k.sh DIR
set -euo pipefail
kubectl tcr-rewrite --unmapped warn -k "$1" | kubectl apply -f -
