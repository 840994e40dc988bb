#!/usr/bin/env bash
# The custom resource definitions of a chart's folder crds/, which Helm shows to no post-renderer.
set -euo pipefail
helm show crds ./harbour | kubectl tcr-rewrite --config mirrors.yaml | kubectl apply -f -
helm show crds ./harbour | kubectl wait --for=condition=Established --timeout=60s -f -
