#!/usr/bin/env bash
# Builds a kustomization or a chart, moves its images to their mirrors and checks the result: render.sh DIR OUT
# OUT is either complete or not written at all.
set -euo pipefail
source=$1 out=$2
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
build() {
    if [ -e "$source/Chart.yaml" ]; then
        helm template "$(basename "$source")" "$source" --include-crds
    else
        kustomize build "$source"
    fi
}
build | kubectl-tcr_rewrite --unmapped fail > "$new/manifests.yaml"
kubectl-tcr_rewrite --check --quiet "$new/manifests.yaml"
mkdir -p "$out"
mv "$new/manifests.yaml" "$out/manifests.yaml"
