"""The rule file of image-transfer (tkestack, README): `image-transfer --securityFile FILE --ruleFile FILE`.

It knows tags only: it reads what stands behind two colons as no reference (pkg/utils/utils.go, NewRepoURL).
"""

from kubectl_tcr.inventory.copies import Copy, copies
from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.inventory.quoting import scalar


def render(listing: Listing) -> str:
    """A row for each image that a tag names; a comment for each that only a digest does."""
    return "".join(map(_line, copies(listing.images)))


def _line(one: Copy) -> str:
    row = f"{scalar(one.source)}: {scalar(one.target)}\n"
    return f"# no digests here: {row}" if one.by_digest else row
