"""What is long is read in pieces, where that says the same as reading the whole."""

from collections.abc import Iterator

from kubectl_tcr.errors import ReadError
from kubectl_tcr.find.items import Items
from kubectl_tcr.find.pieces import Found, Pieces, Source, Unfit
from kubectl_tcr.find.search import IGNORE_COMMENT, Finder
from kubectl_tcr.find.windows import Windows
from kubectl_tcr.readers import cuts

# How much is read at once, in bytes.
SIZE = 1 << 18


def cut(body: bytes, finder: Finder, *, detail: bool, size: int = SIZE) -> Pieces | None:
    """A document that is a list or a long string, cut in pieces, None where it has to be read as a whole."""
    try:
        return _pieces(Source(body, finder, body.lstrip()[:1] == b"{", detail), size)
    except (Unfit, ReadError):
        return None


def read(pieces: Pieces, *, validate: bool) -> Iterator[Found] | None:
    """The parts of a document that is cut, in order, None where it has to be read as a whole.

    Nothing is handed out before all pieces are known to be fit.
    """
    try:
        pieces.heed(map(pieces.signs, pieces.all()))
        return pieces.found(validate=validate)
    except (Unfit, ReadError):
        return None


def _pieces(source: Source, size: int) -> Pieces | None:
    body, is_json = source.body, source.is_json
    is_marked = IGNORE_COMMENT.encode() in body  # a mark counts for a line, and what is cut may be one line
    if not (is_json and is_marked):
        items = cuts.of_json(body) if is_json else cuts.of_yaml(body)
        if items and len(items.starts) > 1:
            return Items(source, items, size)
    long = None if is_marked else cuts.of_text(body)
    if long and long.stop - long.start > size and (is_json or b"\\" not in body):
        return Windows(source, long, size)
    return None
