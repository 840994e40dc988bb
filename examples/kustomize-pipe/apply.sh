#!/usr/bin/env bash
# Applies a kustomization with mirrored images: apply.sh DIR
set -euo pipefail
kubectl kustomize "$1" | kubectl tcr-rewrite --unmapped warn | kubectl apply -f -
