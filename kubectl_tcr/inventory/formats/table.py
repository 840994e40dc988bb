"""A table for people; with every place of an image, blocks of lines."""

from collections.abc import Iterator
from io import StringIO

from kubectl_tcr.inventory.image import Image, Standing
from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.inventory.verdict import verdict
from kubectl_tcr.reports.declaration import row
from kubectl_tcr.text.printable import printable

# What stands behind an image that no manifest names.
_MADE = " *"
# Wider than any table: what is no terminal is not wrapped.
_ENDLESS = 100_000


def render(listing: Listing) -> str:
    """The images in columns, or, where places are asked for, in blocks."""
    if listing.is_verbose:
        return "".join(f"{printable(line)}\n" for image in listing.images for line in _block(image))
    return _table(listing) if listing.images else ""


def _table(listing: Listing) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    out = StringIO()
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    is_asked = any(image.mirror for image in listing.images)
    for column in ("IMAGE", "STATUS", "MIRROR", *(("ANSWER",) if is_asked else ())):
        table.add_column(column, overflow="fold")
    table.add_column("TIMES", justify="right")
    for image in listing.images:
        table.add_row(*(Text(printable(cell)) for cell in _cells(image, is_asked=is_asked)))
    Console(file=out, width=listing.width or _ENDLESS, color_system=None, legacy_windows=False).print(table)
    return "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def _cells(image: Image, *, is_asked: bool) -> list[str]:
    cells = [image.reference + (_MADE if image.is_made else ""), image.word, image.mirrored]
    return [*cells, *([verdict(image).word] if is_asked else []), str(image.times)]


def _block(image: Image) -> Iterator[str]:
    """An image, what becomes of it, and its places."""
    yield image.reference + (_MADE if image.is_made else "")
    outcome = f"-> {image.mirrored}" if image.mirrored else f"({image.reason})" if image.reason else ""
    yield f"    {image.word:11} {outcome}".rstrip()
    found = verdict(image)
    if found.word:
        yield f"    {found.word:11} {found.details}".rstrip()
    declaration = row(image.places[0].site) if image.standing is Standing.SUSPECTED else ""
    if declaration:
        yield f"    {'declare it':11} {declaration}"
    for place in image.places:
        yield f"    {place}"
