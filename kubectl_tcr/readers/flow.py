"""Flow collections that end on the line they begin on: `{a: b, c: [d, "e"]}`."""

import re

from kubectl_tcr.readers.columns import Declined
from kubectl_tcr.readers.interest import Interest, is_hinting
from kubectl_tcr.text.document import MOST_BEFORE, NULLS, Scalar, Style
from kubectl_tcr.text.patterns import lazy
from kubectl_tcr.text.spelling import unescape

ESCAPE = r"\\(?:[0abtnvfre\x20\"\\N_LP]|x[0-9a-fA-F]{2}|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})"
DOUBLE = rf'"(?:[^"\\\t\r\n]++|{ESCAPE})*+"'
SINGLE = r"'(?:[^'\t\r\n]++|'')*+'"
_ESCAPES = lazy(ESCAPE)

# A plain scalar in a flow collection: no brackets, commas or quotes.
_PLAIN = r"(?:[A-Za-z0-9_./$(=+~]|-(?=[\w./$-]))(?:[\w./$()=+~@%*<>;-]|:(?=[\w./$-])|\x20(?=[\w./$(=+~]))*+"
_SCALAR = lazy(rf"\x20*+(?:({_PLAIN})|({DOUBLE})|({SINGLE}))\x20*+", re.ASCII)
_MARK = lazy(r"\x20*+([\[\]{},])\x20*+")
_COLON = lazy(r":\x20++")
_STYLES: tuple[Style, ...] = ("plain", "double", "single")
_DEEPEST = 16

# YAML parsers look this far for the colon of a key.
LONGEST_KEY = 1000


def unquote(raw: str) -> str:
    """The value of a quoted scalar on one line."""
    inner = raw[1:-1]
    if raw[0] == "'":
        return inner.replace("''", "'")
    return _ESCAPES.sub(lambda found: unescape(found.group()[1:]), inner) if "\\" in inner else inner


def read(text: str, start: int, stop: int, path: list[str | int], interest: Interest) -> list[Scalar]:
    """The scalars that matter of the flow collection that is all of a span, at a path.

    Raises Declined.
    """
    flow = _Flow(text, stop, path, interest)
    if flow.node(start, 0) != stop:
        raise Declined
    return flow.scalars


class _Flow:
    """One collection; `before` are the items in front in a sequence, by the depth of the sequence."""

    def __init__(self, text: str, stop: int, path: list[str | int], interest: Interest) -> None:
        self.text = text
        self.stop = stop
        self.path = path
        self.interest = interest
        self.before: dict[int, list[str]] = {}
        self.scalars: list[Scalar] = []

    def node(self, position: int, depth: int) -> int:
        """Read a node; the offset behind it and the blanks that follow."""
        mark = _MARK.match(self.text, position, self.stop)
        if mark is None:
            found = self.scalar(position)
            self.emit(*_value(found))
            return found.end()
        if mark[1] not in "[{" or depth > _DEEPEST:
            raise Declined
        is_sequence = mark[1] == "["
        self.path.append(0 if is_sequence else "")
        self.before[len(self.path)] = []
        end = self.entries(mark.end(), depth, is_sequence=is_sequence)
        self.path.pop()
        if isinstance(self.path[-1], int):
            self.item("")
        return end

    def entries(self, position: int, depth: int, *, is_sequence: bool) -> int:
        closing = "]" if is_sequence else "}"
        mark = _MARK.match(self.text, position, self.stop)
        if mark and mark[1] == closing:
            return mark.end()
        while True:
            if not is_sequence:
                position = self.key(position)
            position = self.node(position, depth + 1)
            mark = _MARK.match(self.text, position, self.stop)
            if mark is None:
                raise Declined
            position = mark.end()
            if mark[1] == closing:
                return position
            if mark[1] != ",":
                raise Declined
            index = self.path[-1]
            if isinstance(index, int):
                self.path[-1] = index + 1

    def key(self, position: int) -> int:
        found = self.scalar(position)
        colon = _COLON.match(self.text, found.end(), self.stop)
        key, style, begin, end = _value(found)
        if colon is None or key in NULLS or end != found.end() or len(key) > LONGEST_KEY:
            raise Declined
        self.path[-1] = key
        if is_hinting(key) and self.interest.finds(key):
            self.scalars.append(Scalar(key, style, begin, end, tuple(self.path), is_key=True))
        return colon.end()

    def scalar(self, position: int) -> re.Match[str]:
        found = _SCALAR.match(self.text, position, self.stop)
        if found is None:
            raise Declined
        return found

    def emit(self, value: str, style: Style, start: int, stop: int) -> None:
        """Keep a scalar if it matters, and remember it for the next item of its sequence."""
        where = tuple(self.path)
        is_item = isinstance(where[-1], int)
        if value and self.interest.wants(value, where):
            before = tuple(self.before[len(where)][-MOST_BEFORE:]) if is_item else ()
            self.scalars.append(Scalar(value, style, start, stop, where, False, before))
        if is_item:
            self.item(value)

    def item(self, value: str) -> None:
        """Remember an item; the collection itself may be one, of a sequence that is none of its own."""
        items = self.before.get(len(self.path))
        if items is not None:
            items.append(value)


def _value(found: re.Match[str]) -> tuple[str, Style, int, int]:
    group = found.lastindex or 1
    raw = found[group]
    return (raw if group == 1 else unquote(raw)), _STYLES[group - 1], *found.span(group)
