#!/usr/bin/env bash
# Install or upgrade a release with Helm 3, its hooks included: render the chart, rewrite it, and install the result
# as a chart of one file.
set -euo pipefail
rm -rf mirrored
mkdir -p mirrored/templates
cp harbour/Chart.yaml mirrored/
helm template harbour ./harbour | kubectl tcr-rewrite --config mirrors.yaml >mirrored/rendered.yaml
echo '{{ .Files.Get "rendered.yaml" }}' >mirrored/templates/rendered.yaml

helm upgrade --install harbour ./mirrored
