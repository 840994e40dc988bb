"""A long list read piece by piece: some of its items at a time, with what stands around the list.

A piece is the document without its other items, so it is read and searched as any document. What the text as a whole is
asked for is told to each (`signs`), and each is held to what the cuts took it for. Where a piece is anything else, the
document is read as a whole: nothing has been handed out until then.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

from kubectl_tcr.errors import ReadError
from kubectl_tcr.find.agreement import verify
from kubectl_tcr.find.search import IGNORE_COMMENT, Finder
from kubectl_tcr.find.signs import Signs
from kubectl_tcr.find.site import Site
from kubectl_tcr.kubernetes.resources import places
from kubectl_tcr.readers import Interest, cuts, read_json, read_yaml_simply, strict
from kubectl_tcr.readers.budget import FOR_A_CHARACTER
from kubectl_tcr.readers.cuts import Cuts
from kubectl_tcr.text.document import Path, Reading, Scalar

# How much is read at once, in bytes.
SIZE = 1 << 18
# What a site takes while it waits, in bytes, more or less. All may take as much as the document.
_SITE = 700
_ITEMS = "items"

_Reader = Callable[[str, Interest], Reading | None]


class Found(NamedTuple):
    """A part of a document: its span in bytes, its text, and the sites in it, with offsets in that text."""

    start: int
    stop: int
    text: str
    sites: list[Site]


class Unfit(Exception):  # noqa: N818 not an error: the document is read as a whole
    """A piece is not what the cuts took it for."""


class _Piece(NamedTuple):
    """Some items with head and tail: the number of the first, and where in the text each begins and the last ends.

    `start` and `stop` are the bytes it stands for: the first piece for the head too, the last one for the tail.
    `naming` is where in the text a scalar of the tail stands, -1 for nowhere.
    """

    text: str
    first: int
    bounds: list[int]
    start: int
    stop: int
    naming: int

    @property
    def front(self) -> int:
        """How much of the text is the head."""
        return self.bounds[0]


def read(body: bytes, finder: Finder, *, detail: bool, validate: bool, size: int = SIZE) -> Iterator[Found] | None:
    """The parts of a document that is a list, in order, None where it has to be read as a whole."""
    is_json = body.lstrip()[:1] == b"{"
    if is_json and IGNORE_COMMENT.encode() in body:  # looked for within a line, which here is the document
        return None
    cut = cuts.of_json(body) if is_json else cuts.of_yaml(body)
    if cut is None or len(cut.starts) < 2:
        return None
    try:
        return _Pieces(body, finder, cut, is_json=is_json, detail=detail, size=size).found(validate=validate)
    except (Unfit, ReadError):
        return None


class _Pieces:
    """The pieces of one document."""

    def __init__(self, body: bytes, finder: Finder, cut: Cuts, *, is_json: bool, detail: bool, size: int) -> None:
        self.body = body
        self.finder = finder
        self.cut = cut
        self.is_json = is_json
        self.detail = detail
        self.groups = list(_groups(cut, size))
        self.head = body[: cut.starts[0]].decode()
        self.tail = body[cut.stops[-1] :].decode()
        told = Signs()
        for piece in self.all():
            told = told.joined(finder.signs(piece.text))
        if told.has_defaults:  # definitions are learned from as a whole
            raise Unfit
        self.told = told
        self.interest = finder.interest_by(told)
        self.reader: _Reader = read_json if is_json else read_yaml_simply

    def found(self, *, validate: bool) -> Iterator[Found]:
        """Read all pieces; their sites are kept as far as there is room, and else looked for again.

        Raises Unfit or ReadError, at once.
        """
        room, kept = len(self.body) // _SITE, []
        must_check = validate
        for piece in self.all():
            sites = self.sites(piece)
            must_check = must_check or any(site.edits for site in sites)
            room -= len(sites)
            kept.append(sites if room >= 0 else None)
        if must_check and not self.is_json:
            for piece in self.all():
                strict.check(piece.text)
        return self.again(kept)

    def again(self, kept: list[list[Site] | None]) -> Iterator[Found]:
        """The parts, with the sites that were kept."""
        for at, piece in enumerate(self.all()):
            sites, kept[at] = kept[at], None
            text = self.body[piece.start : piece.stop].decode()
            yield Found(piece.start, piece.stop, text, self.sites(piece) if sites is None else sites)

    def all(self) -> Iterator[_Piece]:
        """The pieces, made one by one."""
        starts, stops = self.cut.starts, self.cut.stops
        for first, behind in self.groups:
            is_first, is_last = not first, behind == len(starts)
            front, back = starts[first], stops[behind - 1]
            items = self.body[front:back].decode()
            text = f"{self.head}{items}{self.tail}"
            ends = [*starts[first:behind], back]
            bounds = [len(self.head) + end for end in _in_characters(self.body, items, ends)]
            naming = bounds[-1] + self.cut.naming - stops[-1] if self.cut.naming >= 0 else -1
            start = 0 if is_first else front
            stop = len(self.body) if is_last else starts[behind]
            yield _Piece(text, first, bounds, start, stop, naming)

    def sites(self, piece: _Piece) -> list[Site]:
        """The sites in the part that a piece stands for; raises Unfit, and ReadError."""
        reading = self.reader(piece.text, self.interest)
        if reading is None or reading.aliases or reading.end >= 0:
            raise Unfit
        reading = Reading(tuple(_numbered(reading.scalars, piece.first)))
        self.check(piece, reading)
        sites = self.finder.find(piece.text, reading, detail=self.detail, told=self.told)
        verify(piece.text, sites)
        return list(_within(sites, piece, is_first=not piece.start, is_last=piece.stop == len(self.body)))

    def check(self, piece: _Piece, reading: Reading) -> None:
        """Raise Unfit where items do not stand where they should, or share a resource with others."""
        if not self.is_json and _is_open(piece.text[piece.front :]):
            raise Unfit
        _check_places(piece, reading.scalars)
        around = places(reading, may_merge=self.told.may_merge).around
        for number in range(piece.first, piece.first + len(piece.bounds) - 1):
            root: Path = (_ITEMS, number)
            if not any(resource.root == root for resource in around(root)):
                raise Unfit
        if sum(len(scalar.path) for scalar in reading.scalars) > FOR_A_CHARACTER * (piece.bounds[-1] - piece.front):
            raise Unfit


def _groups(cut: Cuts, size: int) -> Iterator[tuple[int, int]]:
    """The numbers of the items of each piece, from the first to the one behind the last."""
    first = 0
    for number, stop in enumerate(cut.stops):
        if stop - cut.starts[first] >= size:
            yield first, number + 1
            first = number + 1
    if first < len(cut.stops):
        yield first, len(cut.stops)


def _in_characters(body: bytes, text: str, offsets: list[int]) -> Iterator[int]:
    """Offsets in bytes as offsets in characters of a text that begins at the first of them."""
    if text.isascii():
        yield from (offset - offsets[0] for offset in offsets)
        return
    position = 0
    yield 0
    for start, stop in itertools.pairwise(offsets):
        position += len(body[start:stop].decode())
        yield position


def _numbered(scalars: tuple[Scalar, ...], first: int) -> Iterator[Scalar]:
    """The scalars of a piece with the numbers that items have in the document."""
    for value, style, start, stop, path, is_key, before, tag in scalars:
        if path[:1] == (_ITEMS,) and len(path) > 1 and isinstance(path[1], int):
            path = (_ITEMS, path[1] + first, *path[2:])
        yield Scalar(value, style, start, stop, path, is_key, before, tag)


def _check_places(piece: _Piece, scalars: tuple[Scalar, ...]) -> None:
    """Raise Unfit unless each item has scalars below its path, and they and no others stand in its text."""
    bounds, at = piece.bounds, -1
    seen: set[int] = set()
    is_named = piece.naming < 0
    for scalar in scalars:
        while at + 1 < len(bounds) and scalar.start >= bounds[at + 1]:
            at += 1
        if 0 <= at < len(bounds) - 1:
            if scalar.path[:2] != (_ITEMS, piece.first + at) or len(scalar.path) < 3:
                raise Unfit
            seen.add(at)
        elif scalar.path[:1] == (_ITEMS,):
            raise Unfit
        is_named = is_named or (scalar.start == piece.naming and scalar.path in (("kind",), ("apiVersion",)))
    if len(seen) < len(bounds) - 1 or not is_named:
        raise Unfit


def _is_open(text: str) -> bool:
    """Whether braces of a template are open at the end of a text: what is filled in might go on behind it."""
    opened = text.rfind("{{")
    return opened >= 0 and text.find("}", opened) < 0


def _within(sites: list[Site], piece: _Piece, *, is_first: bool, is_last: bool) -> Iterator[Site]:
    """The sites in the part that a piece stands for, with offsets in its text; raises Unfit for one that leads out."""
    shift = 0 if is_first else piece.front
    stop = len(piece.text) if is_last else piece.bounds[-1]
    for site in sites:
        is_inside = shift <= site.start < stop
        for edit in site.edits:
            if (shift <= edit.start and edit.stop <= stop) is not is_inside:
                raise Unfit
        if is_inside:
            yield site.moved(-shift, site.paths, site.resource) if shift else site
