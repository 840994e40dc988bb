#!/usr/bin/env bash
# What would be rewritten in a chart, its hooks and tests included; status 1 if anything would.
set -euo pipefail
helm template harbour ./harbour | kubectl tcr-rewrite --config mirrors.yaml --diff
