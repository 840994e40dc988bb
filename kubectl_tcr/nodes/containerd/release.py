"""Releases of containerd, by their first two numbers."""

import re

from kubectl_tcr.errors import NodeError
from kubectl_tcr.nodes.runtime import Release

# From here on containerd looks into CERTS by itself, and the mirrors table may keep its CRI plugin from loading.
DEFAULTS_TO_CERTS = (2, 2)


def release(text: str) -> Release:
    """Major and minor number from a version such as `1.6.20~ds1` or a line of `containerd --version`.

    Raises NodeError.
    """
    found = re.search(r"(?<![\d.])v?(\d{1,3})\.(\d{1,3})(?!\d)", text)
    if not found:
        raise NodeError(f'"{text}" is no version of containerd, such as 1.6 or 2.2.1')
    return int(found[1]), int(found[2])
