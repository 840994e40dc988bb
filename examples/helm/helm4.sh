#!/usr/bin/env bash
# Install or upgrade a release with Helm 4, its hooks included.
set -euo pipefail
export HELM_DATA_HOME="$HOME/.local/share/helm4" # as in helm4-plugin.sh

# Helm 4 does not show what a post-renderer says when it fails; its report does.
rm -f report.json
helm upgrade --install harbour ./harbour --skip-crds \
    --post-renderer tcr-rewrite \
    --post-renderer-args --config --post-renderer-args mirrors.yaml \
    --post-renderer-args --report --post-renderer-args report.json || {
    grep -s '"error":' report.json >&2
    exit 1
}
