"""A long document read piece by piece: some of it at a time, with all that stands around.

A piece is the document without the rest of a list or a string, so it is read and searched as any document. What the
text as a whole is asked for is told to each (`signs`), and each is held to what the cuts took it for.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubectl_tcr.find.agreement import verify
from kubectl_tcr.find.search import Finder
from kubectl_tcr.find.signs import Gathered, Signs
from kubectl_tcr.find.site import Site
from kubectl_tcr.readers import Interest, read_json, read_yaml_simply
from kubectl_tcr.text.document import Reading


class Found(NamedTuple):
    """A part of a document: its span in bytes, its text, and the sites in it, with offsets in that text."""

    start: int
    stop: int
    text: str
    sites: list[Site]


class Unfit(Exception):  # noqa: N818 not an error: the document is read as a whole
    """A piece is not what the cuts took it for."""


class Piece(NamedTuple):
    """A document that is a part of another: the bytes there that it stands for, and where these stand in its text.

    `inner` are the offsets in the text at which items of a list begin, the first of which has a number.
    """

    text: str
    start: int
    stop: int
    front: int
    back: int
    number: int = 0
    inner: tuple[int, ...] = ()


class Source(NamedTuple):
    """A long document: its bytes, who searches it, whether it is JSON, and whether comments are searched too."""

    body: bytes
    finder: Finder
    is_json: bool
    detail: bool


class Pieces(ABC):
    """The pieces of one document, between a head and a tail that all have in common."""

    told: Signs
    interest: Interest

    def __init__(self, source: Source, start: int, stop: int) -> None:
        self.source = source
        self.head = source.body[:start].decode()
        self.tail = source.body[stop:].decode()

    @abstractmethod
    def all(self) -> Iterator[Piece]:
        """The pieces, made one by one."""

    def signs(self, piece: Piece) -> Gathered:
        """What a piece tells of the whole."""
        return self.source.finder.signs_of_piece(piece.text)

    def heed(self, told: Iterable[Gathered]) -> None:
        """Have each piece read for what all of them together tell; raises Unfit."""
        all_told = Gathered()
        for one in told:
            all_told = all_told.joined(one)
        self.told = self.source.finder.signs_of_pieces(all_told)
        if self.told.has_defaults:  # definitions are learned from as a whole
            raise Unfit
        self.interest = self.source.finder.interest_by(self.told)

    @abstractmethod
    def reading(self, piece: Piece) -> Reading:
        """What a piece holds, as it stands in the document; raises Unfit and ReadError."""

    @abstractmethod
    def found(self, *, validate: bool) -> Iterator[Found]:
        """The parts of the document, all of which are fit; raises Unfit and ReadError, at once.

        What the pieces tell must have been heeded.
        """

    def piece(self, inside: str, start: int, stop: int) -> Piece:
        """A piece with a text between head and tail, of which the bytes from one offset to another are its own."""
        is_last = stop == len(self.source.body)
        text = f"{self.head}{inside}{self.tail}"
        front = len(self.head) if start else 0
        return Piece(text, start, stop, front, len(text) - (0 if is_last else len(self.tail)))

    def read(self, text: str, interest: Interest) -> Reading:
        """Read a piece; raises Unfit where it repeats something or has an end of its own, and ReadError."""
        reading = read_json(text, interest) if self.source.is_json else read_yaml_simply(text, interest)
        if reading.aliases or reading.end >= 0:
            raise Unfit
        return reading

    def sites(self, piece: Piece) -> list[Site]:
        """The sites in the part that a piece stands for; raises Unfit and ReadError."""
        _, finder, _, detail = self.source
        sites = finder.find(piece.text, self.reading(piece), detail=detail, told=self.told)
        verify(piece.text, sites)
        return list(_within(sites, piece))

    def part(self, piece: Piece, sites: list[Site] | None) -> Found:
        """A part with its sites, which are looked for where they are not known."""
        text = self.source.body[piece.start : piece.stop].decode()
        return Found(piece.start, piece.stop, text, self.sites(piece) if sites is None else sites)


def _within(sites: list[Site], piece: Piece) -> Iterator[Site]:
    """The sites in the part that a piece stands for, with offsets in its text; raises Unfit for one that leads out."""
    front, back = piece.front, piece.back
    for site in sites:
        is_inside = front <= site.start < back
        for edit in site.edits:
            if (front <= edit.start and edit.stop <= back) is not is_inside:
                raise Unfit
        if is_inside:
            yield site.moved(-front, site.paths, site.resource) if front else site


def is_open(text: str) -> bool:
    """Whether braces of a template are open at the end of a text: what is filled in might go on behind it."""
    opened = text.rfind("{{")
    return opened >= 0 and text.find("}", opened) < 0
