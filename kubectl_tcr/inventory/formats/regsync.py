"""A configuration of regsync (regclient, docs/regsync.md): `regsync once -c FILE`."""

from kubectl_tcr.inventory.copies import copies
from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.inventory.quoting import scalar


def render(listing: Listing) -> str:
    """An entry for each image; credentials are Docker's, as regsync takes them by default."""
    found = list(copies(listing.images))
    entries = (
        f"  - source: {scalar(one.source)}\n    target: {scalar(one.target)}\n    type: image\n" for one in found
    )
    return "version: 1\nsync:" + ("\n" + "".join(entries) if found else " []\n")
