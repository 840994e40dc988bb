"""The pieces of a long string: some of its lines or words each, with others in front and behind.

What becomes of a reference in a text is told by what stands not far from it, but for three things: whether the
string is a document, what a script pushes anywhere, and marks to ignore. A string with a sign of any of them is read
as a whole.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from kubectl_tcr.find import commands, embedded, suspects
from kubectl_tcr.find.pieces import Found, Piece, Pieces, Source, Unfit, is_open
from kubectl_tcr.find.signs import Gathered
from kubectl_tcr.kubernetes.resources import places
from kubectl_tcr.readers import Interest, is_hinting, strict
from kubectl_tcr.readers.cuts import NEAR, Long
from kubectl_tcr.text.document import Path, Reading, Scalar

# How far what decides of a reference may stand in front of it and behind it, in characters.
FRONT, BEHIND = 4_200, 1_100
# As bytes: in UTF-8, and as escaped pairs of surrogates.
_OF_A_CHARACTER, _OF_AN_ESCAPED_ONE = 4, 12


class Windows(Pieces):
    """The pieces of a document that is one long string for the most part."""

    def __init__(self, source: Source, long: Long, size: int) -> None:
        self.long = long
        self.spans = list(_spans(source.body, long, size))
        self.at = len(source.body[: long.at].decode())
        super().__init__(source, long.start, long.stop)
        # What the first piece says of the place that all have in common.
        self.path: Path = ()
        self.around: list[tuple[Path, str]] = []

    def heed(self, told: Iterable[Gathered]) -> None:
        super().heed(told)
        self.told = self.told._replace(text_at=self.at)
        self.narrow, self.interest = self.interest, _LongToo(self.interest)

    def found(self, *, validate: bool) -> Iterator[Found]:  # noqa: ARG002 all that is cut is checked
        """The parts; no site is kept."""
        self.check()
        return self.parts()

    def parts(self) -> Iterator[Found]:
        """The parts, made one by one."""
        for piece in self.all():
            yield self.part(piece, None)

    def all(self) -> Iterator[Piece]:
        """The pieces, made one by one."""
        long, body = self.long, self.source.body
        for begin, start, stop, end in self.spans:
            before = body[begin:start].decode()
            inside = body[start:stop].decode()
            own = 0 if start == long.start else start, len(body) if stop == long.stop else stop
            piece = self.piece(f"{before}{inside}{body[stop:end].decode()}", *own)
            front = piece.front and piece.front + len(before)
            back = piece.back if own[1] == len(body) else front + len(inside) + (0 if piece.front else len(self.head))
            yield piece._replace(front=front, back=back)

    def reading(self, piece: Piece) -> Reading:
        """What a piece holds; raises Unfit and ReadError."""
        reading = self.read(piece.text, self.interest)
        return Reading(tuple(scalar for scalar in reading.scalars if scalar.start == self.at or self.is_wanted(scalar)))

    def is_wanted(self, scalar: Scalar) -> bool:
        """Whether a scalar beside the string would be read without it."""
        if len(scalar.value) <= FRONT:
            return True
        if scalar.is_key:
            raise Unfit
        return self.narrow.wants(scalar.value, scalar.path)

    def check(self) -> None:
        """Raise Unfit or ReadError unless all pieces are of a kind, and what decides of them stands near."""
        is_wanted, reasons = False, set()
        for number, piece in enumerate(self.all()):
            reading = self.reading(piece)
            scalar = self.scalar(reading, is_first=not number)
            _check_text(scalar.value, is_first=not number)
            reasons.add(places(reading, may_merge=self.told.may_merge).at(scalar.path).reason)
            is_wanted = is_wanted or self.narrow.wants(scalar.value, scalar.path)
            if not number:
                self.check_first(piece, scalar)
        reason = next(iter(reasons), None)
        if not is_wanted or len(reasons) != 1 or (reason and reason.until):
            raise Unfit

    def check_first(self, piece: Piece, scalar: Scalar) -> None:
        """Raise Unfit where the whole string is declared to be something, ReadError where kubectl would refuse it."""
        if not self.source.is_json:
            strict.check(piece.text)
        inside = range(scalar.start, scalar.stop)
        if any(site.how != "text" for site in self.sites(piece) if site.start in inside):
            raise Unfit

    def scalar(self, reading: Reading, *, is_first: bool) -> Scalar:
        """The piece of the string; raises Unfit where other scalars are not those of the first piece."""
        found = [scalar for scalar in reading.scalars if scalar.start == self.at]
        others = [(scalar.path, scalar.value) for scalar in reading.scalars if scalar.start != self.at]
        style = "json" if self.source.is_json else "double" if self.long.indent < 0 else "literal"
        if len(found) != 1 or found[0].style != style or found[0].is_key or not isinstance(found[0].path[-1], str):
            raise Unfit
        if is_first:
            self.path, self.around = found[0].path, others
        if (self.path, self.around) != (found[0].path, others):
            raise Unfit
        return found[0]


class _LongToo(Interest):
    """An interest that wants long strings too, whatever they hold: a piece of one says less than the whole."""

    __slots__ = ("_finds",)

    def __init__(self, narrow: Interest) -> None:
        super().__init__(narrow.keys, narrow.named, narrow.maps, self.finds_long, narrow.commands)
        self._finds = narrow.finds

    def finds_long(self, value: str) -> object:
        """Whether a value is long, or what is asked for is found in it."""
        return len(value) > FRONT or self._finds(value)

    def wants(self, value: str, path: "Path | list[str | int | None]") -> bool:  # type: ignore[override]
        """Whether a scalar at `path` matters."""
        return len(value) > FRONT or super().wants(value, path)


def _spans(body: bytes, long: Long, size: int) -> Iterator[tuple[int, int, int, int]]:
    """The bytes of each piece: where what stands in front begins, its own part, and where what stands behind ends."""
    per = _OF_AN_ESCAPED_ONE if body.find(b"\\", long.start, long.stop) >= 0 else _OF_A_CHARACTER
    marks = [long.start]
    while marks[-1] < long.stop:
        near = marks[-1] + size
        marks.append(long.stop if near + BEHIND * per > long.stop else long.cut(body, near))
        if marks[-1] < 0:
            raise Unfit
    for start, stop in pairwise(marks):
        begin = long.cut(body, start - FRONT * per - NEAR)
        end = long.cut(body, stop + BEHIND * per)
        if begin < 0 or end < 0 or begin > start - FRONT * per > long.start:
            raise Unfit
        yield begin, start, stop, end


def _check_text(value: str, *, is_first: bool) -> None:
    """Raise Unfit where what is far from a reference may decide of it."""
    if (is_first and embedded.begins_open(value)) or embedded.has_keys(value):
        raise Unfit
    if commands.grammar().is_hinting(value) and (_has_long_line(value) or commands.pushes(value)):
        raise Unfit
    if not is_hinting(value) and any(sign in value for sign in suspects.SIGNS):
        raise Unfit
    if is_open(value):
        raise Unfit


def _has_long_line(value: str) -> bool:
    """Whether a line is not surely whole in one of the pieces."""
    return any(len(line) > FRONT for line in value.split("\n"))
