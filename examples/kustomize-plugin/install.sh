#!/bin/sh
# Puts the plugin where kubectl kustomize and kustomize look for kind MirrorConfig of kubectl-tcr/v1alpha1.
set -eu
plugins=${XDG_CONFIG_HOME:-$HOME/.config}/kustomize/plugin
mkdir -p "$plugins/kubectl-tcr/v1alpha1/mirrorconfig"
cp "$(dirname "$0")/MirrorConfig" "$plugins/kubectl-tcr/v1alpha1/mirrorconfig/MirrorConfig"
chmod +x "$plugins/kubectl-tcr/v1alpha1/mirrorconfig/MirrorConfig"
