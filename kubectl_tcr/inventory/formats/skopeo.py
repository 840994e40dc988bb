"""Lines for a shell that copy with skopeo."""

from kubectl_tcr.inventory.copies import copies
from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.inventory.quoting import command

_SKOPEO = ("skopeo", "copy", "--all", "--preserve-digests")


def render(listing: Listing) -> str:
    """A command a line."""
    return "".join(
        command(*_SKOPEO, f"docker://{one.source}", f"docker://{one.target}") for one in copies(listing.images)
    )
