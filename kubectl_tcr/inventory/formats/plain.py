"""The references as written, one a line."""

from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.text.printable import printable


def render(listing: Listing) -> str:
    """Each reference once."""
    return "".join(f"{printable(one)}\n" for one in dict.fromkeys(image.reference for image in listing.images))
