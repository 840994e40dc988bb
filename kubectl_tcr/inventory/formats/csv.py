"""A row for each image, for spreadsheets."""

import csv
from io import StringIO

from kubectl_tcr.inventory.image import Image
from kubectl_tcr.inventory.listing import Listing
from kubectl_tcr.inventory.verdict import verdict
from kubectl_tcr.text.printable import printable

_COLUMNS = ("image", "status", "mirrored", "times", "named", "reason", "answer", "digest", "details")
# What a cell begins with that spreadsheets compute (OWASP, CSV injection).
_FORMULAS = ("=", "+", "-", "@")


def render(listing: Listing) -> str:
    """The columns' names, and the images."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(map(_row, listing.images))
    return out.getvalue()


def _row(image: Image) -> list[str]:
    found = verdict(image)
    row = [image.reference, image.standing.value, image.mirrored, str(image.times), "no" if image.is_made else "yes"]
    row += [image.reason, found.word, image.mirror.digest if image.mirror else "", found.details]
    return [_cell(one) for one in row]


def _cell(text: str) -> str:
    """Text that a spreadsheet shows, and does not compute: no reference begins so."""
    return printable(f"'{text}" if text.startswith(_FORMULAS) else text)
