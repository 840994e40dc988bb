#!/bin/sh
# kubectl tcr-nodes @VERSION@, packed. To read it: sed '1,/^script=/d; /^PACKED/,$d' FILE | base64 -d | gzip -d
script=$(base64 -d <<'PACKED' | gzip -d
@PACKED@
PACKED
)
[ "$script" ] || {
    echo 'tcr-nodes: error: it cannot be unpacked without base64 and gzip' >&2
    exit 2
}
exec sh -c "$script" tcr-nodes.sh "$@"
