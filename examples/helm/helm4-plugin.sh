#!/usr/bin/env bash
# Install the post-renderer for Helm 4 from a checkout of kubectl-tcr.
set -euo pipefail

# Where Helm 3 is in use, too: keep what Helm 4 installs apart, and set this wherever Helm 4 runs.
export HELM_DATA_HOME="$HOME/.local/share/helm4"

helm plugin install kubectl-tcr/helm/tcr-rewrite
