"""Lines for a shell that copy with crane."""

from kubectl_tcr.inventory.copies import copies
from kubectl_tcr.inventory.listing import Listing


def render(listing: Listing) -> str:
    """A command a line; the characters of references mean nothing to a shell."""
    return "".join(f"crane copy {one.source} {one.target}\n" for one in copies(listing.images))
