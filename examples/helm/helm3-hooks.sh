#!/usr/bin/env bash
# Helm 3 shows a post-renderer no hooks: which of their images are not on a mirror? Status 1 if there are any.
set -euo pipefail
helm get hooks harbour | kubectl tcr-rewrite --config mirrors.yaml --diff
