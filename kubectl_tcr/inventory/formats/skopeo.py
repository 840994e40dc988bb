"""Lines for a shell that copy with skopeo."""

from kubectl_tcr.inventory.copies import copies
from kubectl_tcr.inventory.listing import Listing


def render(listing: Listing) -> str:
    """A command a line; the characters of references mean nothing to a shell."""
    return "".join(
        f"skopeo copy --all --preserve-digests docker://{one.source} docker://{one.target}\n"
        for one in copies(listing.images)
    )
