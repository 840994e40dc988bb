"""A table for people; with every place of an image, blocks of lines."""

from collections.abc import Iterator, Sequence

from kubectl_tcr.inventory.image import Image, Standing
from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.inventory.verdict import verdict
from kubectl_tcr.reports.declaration import row
from kubectl_tcr.text.printable import printable

# What stands behind an image that no manifest names.
_MADE = " *"
_GAP = "   "


def render(listing: Listing) -> str:
    """The images in columns, or, where places are asked for, in blocks."""
    if listing.is_verbose:
        return "".join(f"{printable(line)}\n" for image in listing.images for line in _block(image))
    return "".join(f"{line}\n" for line in _table(listing.images)) if listing.images else ""


def _table(images: Sequence[Image]) -> Iterator[str]:
    """Columns as kubectl prints them: never wrapped, so that a reference can be copied."""
    is_asked = any(image.mirror or image.source for image in images)
    heads = ["IMAGE", "STATUS", "MIRROR", *(["ANSWER"] if is_asked else []), "TIMES"]
    rows = [heads, *([printable(cell) for cell in _cells(image, is_asked=is_asked)] for image in images)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for cells in rows:
        yield _GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cells(image: Image, *, is_asked: bool) -> list[str]:
    cells = [image.reference + (_MADE if image.is_made else ""), image.word, image.mirrored]
    return [*cells, *([verdict(image).word] if is_asked else []), str(image.times)]


def _block(image: Image) -> Iterator[str]:
    """An image, what becomes of it, and its places."""
    yield image.reference + (_MADE if image.is_made else "")
    outcome = [*([f"-> {image.mirrored}"] if image.mirrored else ()), *([f"({image.reason})"] if image.reason else ())]
    yield f"    {image.word:11} {' '.join(outcome)}".rstrip()
    found = verdict(image)
    if found.word:
        yield f"    {found.word:11} {found.details}".rstrip()
    declaration = row(image.places[0].site) if image.standing is Standing.SUSPECTED else ""
    if declaration:
        yield f"    {'declare it':11} {declaration}"
    for place in image.places:
        yield f"    {place}"
