#!/usr/bin/env bash
# Rules from the environment, for where the command line of Helm is out of reach.
set -euo pipefail
export KUBECTL_TCR_CONFIG=$PWD/mirrors.yaml
helm upgrade --install harbour ./harbour --skip-crds --post-renderer kubectl-tcr_rewrite
