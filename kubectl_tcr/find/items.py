"""The pieces of a list: some items each."""

import itertools
from collections.abc import Iterator

from kubectl_tcr.find.pieces import Found, Piece, Pieces, Source, Unfit, is_open
from kubectl_tcr.find.site import Site
from kubectl_tcr.kubernetes.resources import places
from kubectl_tcr.readers import strict
from kubectl_tcr.readers.budget import FOR_A_CHARACTER
from kubectl_tcr.readers.cuts import Cuts
from kubectl_tcr.text.document import Path, Reading, Scalar

# What a site takes while it waits, in bytes, more or less. All may take as much as the document.
_SITE = 700
_ITEMS = "items"
_NAMING = (("kind",), ("apiVersion",))


class Items(Pieces):
    """The pieces of a document whose root is a list."""

    def __init__(self, source: Source, cut: Cuts, size: int) -> None:
        self.cut = cut
        self.groups = list(_groups(cut, size))
        super().__init__(source, cut.starts[0], cut.stops[-1])

    def found(self, *, validate: bool) -> Iterator[Found]:
        """The parts; sites are kept as far as there is room, and else looked for again."""
        room, kept = len(self.source.body) // _SITE, []
        must_check = validate
        for piece in self.all():
            sites = self.sites(piece)
            must_check = must_check or any(site.edits for site in sites)
            room -= len(sites)
            kept.append(sites if room >= 0 else None)
        if must_check and not self.source.is_json:
            for piece in self.all():
                strict.check(piece.text)
        kept.reverse()
        return self.parts(kept)

    def parts(self, kept: list[list[Site] | None]) -> Iterator[Found]:
        """The parts, made one by one, with the sites that were kept, the last first."""
        for piece in self.all():
            yield self.part(piece, kept.pop())

    def all(self) -> Iterator[Piece]:
        """The pieces, made one by one."""
        return map(self.at, range(len(self.groups)))

    def at(self, index: int) -> Piece:
        """The piece of a group of items."""
        (starts, stops, _), body = self.cut, self.source.body
        first, behind = self.groups[index]
        text = body[starts[first] : stops[behind - 1]].decode()
        ends = [*starts[first:behind], stops[behind - 1]]
        inner = tuple(len(self.head) + end for end in _in_characters(body, text, ends))
        start = starts[first] if first else 0
        stop = starts[behind] if behind < len(starts) else len(body)
        return self.piece(text, start, stop)._replace(number=first, inner=inner)

    def reading(self, piece: Piece) -> Reading:
        """What some items hold, each of them a resource of its own; raises Unfit and ReadError."""
        scalars = tuple(_numbered(self.read(piece.text, self.interest).scalars, piece.number))
        reading = Reading(scalars)
        self.check_places(piece, scalars)
        around = places(reading, may_merge=self.told.may_merge).around
        for number in range(piece.number, piece.number + len(piece.inner) - 1):
            root: Path = (_ITEMS, number)
            if not any(resource.root == root for resource in around(root)):
                raise Unfit
        if sum(len(scalar.path) for scalar in scalars) > FOR_A_CHARACTER * (piece.inner[-1] - piece.inner[0]):
            raise Unfit
        if not self.source.is_json and is_open(piece.text[piece.inner[0] :]):
            raise Unfit
        return reading

    def check_places(self, piece: Piece, scalars: tuple[Scalar, ...]) -> None:
        """Raise Unfit unless each item has scalars below its path, and they and no others stand in its text.

        What the tail begins with must be seen too.
        """
        inner, at = piece.inner, -1
        naming = len(piece.text) - len(self.tail) + self.cut.naming - self.cut.stops[-1]
        seen: set[int] = set()
        for scalar in scalars:
            while at + 1 < len(inner) and scalar.start >= inner[at + 1]:
                at += 1
            if not _is_at(scalar.path, piece.number + at, is_item=0 <= at < len(inner) - 1):
                raise Unfit
            seen.add(at)
        if not seen.issuperset(range(len(inner) - 1)):
            raise Unfit
        if self.cut.naming >= 0 and not any(one.start == naming and one.path in _NAMING for one in scalars):
            raise Unfit


def _is_at(path: Path, number: int, *, is_item: bool) -> bool:
    """Whether a path leads into the item with a number, or past all items."""
    if is_item:
        return path[:2] == (_ITEMS, number) and len(path) > 2
    return path[:1] != (_ITEMS,)


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
