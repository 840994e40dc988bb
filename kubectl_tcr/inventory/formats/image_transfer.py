"""The rule file of image-transfer (tkestack, README): `image-transfer --securityFile FILE --ruleFile FILE`.

It knows tags only: it reads what stands behind two colons as no reference (pkg/utils/utils.go, NewRepoURL).
"""

from kubectl_tcr.inventory.copies import copies
from kubectl_tcr.inventory.listing import Listing


def render(listing: Listing) -> str:
    """A row for each image that a tag names; a comment for each that only a digest does."""
    lines = []
    for one in copies(listing.images):
        is_known = not one.by_digest
        lines.append(
            f"{one.source}: {one.target}\n" if is_known else f"# no digests here: {one.source}: {one.target}\n"
        )
    return "".join(lines)
