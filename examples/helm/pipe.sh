#!/usr/bin/env bash
# The resources of a chart, its hooks included, through the filter into the cluster.
set -euo pipefail
helm template harbour ./harbour --skip-tests | kubectl tcr-rewrite --config mirrors.yaml | kubectl apply -f -
