#!/usr/bin/env bash
# A chart with its hooks, through the filter into the cluster. Works with Helm 3 and 4 alike.
set -euo pipefail

# Custom resource definitions first, if the chart has a folder crds/: kubectl must know them before it reads the rest.
helm show crds ./harbour | kubectl tcr-rewrite --config mirrors.yaml | kubectl apply -f -
helm show crds ./harbour | kubectl wait --for=condition=Established --timeout=60s -f -

helm template harbour ./harbour --skip-tests | kubectl tcr-rewrite --config mirrors.yaml | kubectl apply -f -
