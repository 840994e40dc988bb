#!/usr/bin/env bash
# Install or upgrade a release with Helm 3, its hooks included: render the chart, rewrite it, and install the result
# as a chart of one file.
set -euo pipefail
rm -rf mirrored
mkdir -p mirrored/templates
# A chart without dependencies: what the sub-charts render is in the file already.
helm show chart ./harbour | grep -E '^(apiVersion|name|version|appVersion|type): ' >mirrored/Chart.yaml
helm template harbour ./harbour | kubectl tcr-rewrite --config mirrors.yaml >mirrored/rendered.yaml
echo '{{ .Files.Get "rendered.yaml" }}' >mirrored/templates/rendered.yaml

helm upgrade --install harbour ./mirrored
