#!/usr/bin/env bash
# The custom resource definitions in the folders crds/ of a chart and its sub-charts, which no post-renderer is given.
set -euo pipefail
definitions() {
    # Leave the second out where no sub-chart has any: "could not find template".
    helm template harbour ./harbour --include-crds --show-only 'crds/*' --show-only 'charts/*/crds/*'
}
definitions | kubectl tcr-rewrite --config mirrors.yaml | kubectl apply -f -
definitions | kubectl wait --for=condition=Established --timeout=60s -f -
