#!/bin/sh
# Written by kubectl tcr-nodes @VERSION@, packed for custom data that is limited in size. To read what it runs:
#   sed '1,/^script=/d; /^PACKED/,$d' tcr-nodes.sh | base64 -d | gzip -d
set -eu
script=$(base64 -d <<'PACKED' | gzip -d
@PACKED@
PACKED
)
if [ -z "$script" ]; then
    echo 'tcr-nodes: error: this script could not be unpacked; it needs base64 and gzip' >&2
    exit 2
fi
exec sh -c "$script" tcr-nodes.sh "$@"
