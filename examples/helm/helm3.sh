#!/usr/bin/env bash
# Install or upgrade a release with Helm 3. The chart's hooks stay as they are: see helm3-hooks.sh.
set -euo pipefail
helm upgrade --install harbour ./harbour --skip-crds \
    --post-renderer kubectl-tcr_rewrite \
    --post-renderer-args --config --post-renderer-args mirrors.yaml
