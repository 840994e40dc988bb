"""The images file of image-syncer (AliyunContainerService, README): `image-syncer --auth FILE --images FILE`."""

from kubectl_tcr.inventory.copies import copies
from kubectl_tcr.inventory.listing import Listing


def render(listing: Listing) -> str:
    """A row for each source; one source with several targets is a row with a list."""
    rows: dict[str, list[str]] = {}
    for one in copies(listing.images):
        rows.setdefault(one.source, []).append(one.target)
    return "".join(f'"{source}": {_quoted(targets)}\n' for source, targets in rows.items()) or "{}\n"


def _quoted(targets: list[str]) -> str:
    quoted = [f'"{one}"' for one in targets]
    return quoted[0] if len(quoted) == 1 else f"[{', '.join(quoted)}]"
