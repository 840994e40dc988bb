"""Where the characters of a scalar's value stand in the text that spells it.

A value differs from its spelling: quotes are doubled, characters escaped, lines folded and
indented. White space is all that folding changes, and no reference holds any, so it is enough
to know where each piece without white space stands. Nothing is trusted: spelling and value are
walked side by side, and where they part, the scalar cannot be edited.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kubectl_tcr.text.document import Scalar
from kubectl_tcr.text.patterns import lazy

Span = tuple[int, int]


class LayoutError(ValueError):
    """A spelling that does not yield the value."""


class Piece(NamedTuple):
    """Characters without white space: what they mean and where they stand.

    A piece is either spelled as it reads (`stop - start == len(value)`) or stands for one
    escaped character.
    """

    value: str
    start: int
    stop: int


_PROPERTIES = lazy(r"(?:[&!]\S*+(?:\s++|\Z)(?:#[^\r\n]*+(?:\s++|\Z))*+)++")
_LINE = lazy(r"[^\s](?:[^\r\n\x85\u2028\u2029]*[^\s])?")
_SINGLE = lazy(r"(?:''|[^\s'])+")
_DOUBLE = lazy(
    r"\\(?:x[0-9a-fA-F]{2}|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}"
    r"|\r\n|[\s\S])|[^\s\\]+"
)
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip
# Escapes by number, with their letter.
_LENGTHS = {"x": 3, "u": 5, "U": 9}
_LAST_CHARACTER = 0x10FFFF


def behind_properties(text: str, start: int, stop: int) -> int:
    """Where a scalar is spelled, of which a parser says that it begins with its anchor and its tag."""
    found = _PROPERTIES.match(text, start, stop)
    return found.end() if found else start


def spans(text: str, scalar: Scalar, wanted: Sequence[Span]) -> list[Span]:
    """The spans in `text` that spell the `wanted` spans of the scalar's value.

    An empty span stays empty, in front of the character it points to. Raises LayoutError where
    a span begins or ends in white space, or where value and spelling part.
    """
    plain = verbatim(text, scalar)
    if plain is not None:
        return [(plain + start, plain + stop) for start, stop in wanted]
    ends = {index for start, stop in wanted for index in (start, max(start, stop - 1))}
    places = _places(_aligned(_pieces(text, scalar), scalar.value), sorted(ends))
    if len(places) != len(ends):
        raise LayoutError("its spelling does not hold the reference in one place")
    return [(places[start][0], places[stop - 1][1] if stop > start else places[start][0]) for start, stop in wanted]


def verbatim(text: str, scalar: Scalar) -> int | None:
    """The offset of the value in the text if it stands there character by character."""
    value, style, start, stop = scalar[:4]
    if style in ("literal", "folded"):
        return None
    quotes = 0 if style == "plain" else 1
    start += quotes
    return start if stop - quotes - start == len(value) and text.startswith(value, start) else None


def _pieces(text: str, scalar: Scalar) -> Iterator[Piece]:
    """The pieces that a scalar's text spells, in order."""
    start, stop = scalar.start, scalar.stop
    if scalar.style == "plain":
        return _lines(text, start, stop)
    if scalar.style in ("literal", "folded"):
        header = re.compile(r"[^\r\n\x85\u2028\u2029]*").match(text, start, stop)
        return _lines(text, header.end() if header else start, stop)
    if scalar.style == "single":
        return _single(text, start + 1, stop - 1)
    return _double(text, start + 1, stop - 1)


def _lines(text: str, start: int, stop: int) -> Iterator[Piece]:
    for found in _LINE.finditer(text, start, stop):
        yield Piece(found.group(), *found.span())


def _single(text: str, start: int, stop: int) -> Iterator[Piece]:
    for found in _SINGLE.finditer(text, start, stop):
        position = found.start()
        for part in re.split("('')", found.group()):
            if part:
                yield Piece("'" if part == "''" else part, position, position + len(part))
            position += len(part)


def _double(text: str, start: int, stop: int) -> Iterator[Piece]:
    for found in _DOUBLE.finditer(text, start, stop):
        value = found.group()
        if value[0] == "\\":
            value = unescape(value[1:])
        if value and not value.isspace():
            yield Piece(value, *found.span())


def unescaped(text: str) -> str:
    """A text with every escape replaced by the character it stands for."""
    return _DOUBLE.sub(lambda found: unescape(found[0][1:]) if found[0][0] == "\\" else found[0], text)


def unescape(escape: str) -> str:
    """The character an escape stands for, empty for an escaped line end; one that is cut off stands for itself."""
    if escape[0] in "\r\n\x85\u2028\u2029":
        return ""
    if escape[0] == "u" and len(escape) > 5:
        import json

        return str(json.loads(f'"\\{escape}"'))
    if len(escape) == _LENGTHS.get(escape[0]):
        number = int(escape[1:], 16)
        return chr(number) if number <= _LAST_CHARACTER else escape
    return _ESCAPES.get(escape, escape)


def _aligned(pieces: Iterator[Piece], value: str) -> Iterator[tuple[int, Piece]]:
    """Each piece with its offset in the value.

    Raises LayoutError where the two do not say the same, white space apart.
    """
    position = 0
    for piece in pieces:
        while position < len(value) and value[position].isspace():
            position += 1
        if not value.startswith(piece.value, position):
            raise LayoutError("its spelling and its value differ")
        yield position, piece
        position += len(piece.value)
    if value[position:].strip():
        raise LayoutError("its spelling ends before its value")


def _places(pieces: Iterator[tuple[int, Piece]], indexes: Sequence[int]) -> dict[int, Span]:
    """Where the characters at `indexes` (in order) of the value stand, in one pass over all pieces."""
    found: dict[int, Span] = {}
    position = 0
    for offset, piece in pieces:
        end = offset + len(piece.value)
        while position < len(indexes) and indexes[position] < end:
            index = indexes[position]
            position += 1
            if index >= offset:
                found[index] = _place(piece, index - offset)
    return found


def _place(piece: Piece, index: int) -> Span:
    if piece.stop - piece.start != len(piece.value):  # an escape
        return piece.start, piece.stop
    return piece.start + index, piece.start + index + 1
