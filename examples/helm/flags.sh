#!/usr/bin/env bash
# Rules without a file: each word of the filter's command line is a --post-renderer-args of its own.
set -euo pipefail
helm upgrade --install harbour ./harbour --skip-crds \
    --post-renderer kubectl-tcr_rewrite \
    --post-renderer-args --preset=tke \
    --post-renderer-args --mirror=ghcr.io=harbour.tencentcloudcr.com/ghcr \
    --post-renderer-args --mirror=registry.k8s.io=harbour.tencentcloudcr.com/k8s \
    --post-renderer-args --report=report.json
