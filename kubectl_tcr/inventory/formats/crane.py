"""Lines for a shell that copy with crane."""

from kubectl_tcr.inventory.copies import copies
from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.inventory.quoting import command


def render(listing: Listing) -> str:
    """A command a line."""
    return "".join(command("crane", "copy", one.source, one.target) for one in copies(listing.images))
