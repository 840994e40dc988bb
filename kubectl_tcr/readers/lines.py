r"""The grammar of one line of plain block YAML, wherever the line stands.

    line   = indent *( "-" spaces ) [ key ":" ] [ plain / double / single / flow / header ] [ comment ]
    header = ( "|" / ">" ) [ "+" / "-" ]

Anchors, aliases, YAML tags, directives and tabs in structure are no part of it.
"""

import re
from enum import IntEnum
from typing import NamedTuple, TypeVar

from kubectl_tcr.readers import flow
from kubectl_tcr.readers.columns import BLANK, COMMENT, FURTHER, After, Automaton, Declined, Shape
from kubectl_tcr.readers.flow import DOUBLE, ESCAPE, LONGEST_KEY, SINGLE, unquote
from kubectl_tcr.readers.interest import Interest, is_hinting
from kubectl_tcr.text.document import NULLS, Style
from kubectl_tcr.text.patterns import lazy

_KEY = rf"[A-Za-z0-9_./](?:[A-Za-z0-9_./$~+-]|:(?=[A-Za-z0-9_./]))*+|{DOUBLE}|{SINGLE}"
# A plain scalar: no indicator in front, no `: ` and no ` #` inside.
WORDS = r"(?:[^\x20\t\r\n:]++|:(?=[^\x20\t\r\n])|\x20++(?=[^\x20\t\r\n#]))"
_PLAIN = rf"(?:[^\x00-\x20!\"#%&'*,:>?@`\[\]{{|}}\x7f-\xa0-]|[-:](?=[^\x20\t\r\n])){WORDS}*+"

_HEAD = rf"(\x20*+)((?:-(?:\x20++|(?=\r?\Z)))*+)(?:({_KEY}):(?=[\x20\r]|\Z))?+"
_REST = (
    rf"\x20*+(?:({_PLAIN})|({DOUBLE})|({SINGLE})|([\[{{][^\r]*[\]}}])|([|>][+-]?+))?+"
    r"\x20*+(?:(?<![^\x20])(#)[^\r\n]*+)?+\r?\Z"
)
_HEAD_LINE, _REST_LINE = lazy(_HEAD), lazy(_REST)
# Groups of _REST: what the value of a line is. None of them: the line has no value.
NOTHING, PLAIN, QUOTED, APOSTROPHED, FLOW, BLOCK, _HASH = range(7)
STYLES: dict[int, Style] = {PLAIN: "plain", QUOTED: "double", APOSTROPHED: "single"}

# A quoted scalar over several lines, with what stands in front of it, and the further lines of a plain one.
OPEN_LINE = lazy(
    rf"(\x20*+)((?:-\x20++)*+)(?:({_KEY}):\x20++)?+"
    rf"(?:(\"(?:[^\"\\\t]++|{ESCAPE}|\\\r?\n)*+\")|('(?:[^'\t]++|'')*+'))"
    r"\x20*+(?:(?<=\x20)#[^\r\n]*+)?+(?:\r?\n|\Z)"
)
FURTHER_LINE = lazy(rf"(\x20++)(?!#)({WORDS}++)\x20*+(?:\r?\n|\Z)")

# The caches are bounded: this many lines, and none longer than this many characters.
_MOST_LINES = 20_000
_LONGEST_LINE = 200
# Most values: a word that is a plain scalar anywhere, or quoted text in which nothing can hide.
_DULL = lazy(r" (?:[A-Za-z0-9][A-Za-z0-9._-]*+|(\"[\x20!#-&(-.0-\[\]-~]*+\"))\Z")
_A_WORD, _QUOTED_TEXT = (PLAIN, False), (QUOTED, False)
# What a line must not hold whose value is one of those.
_HINT = "mage"
# Words in a flow collection that say nothing, whatever they are.
_DULL_WORDS = lazy(r"(?<=: )[A-Za-z0-9][A-Za-z0-9._-]*+(?=[,}])")


# The value of a line: its kind (a group of the grammar), what it says, and its span, counted from the
# line's start. Plain tuples here and below, for speed.
Value = tuple[int, str, int, int]
_NO_VALUE: Value = (NOTHING, "", 0, 0)


class Need(IntEnum):
    """Whether the value of a line matters."""

    NEVER = 0
    ALWAYS = 1  # under its key, wherever the line stands
    NAME = 2  # under the key `name`, in some collections
    ASK = 3  # that depends on its path
    NESTED = 4  # a flow collection or block scalar: that depends on what is in it


# What a line says: its shape (a number of the automaton's), its key, and its value if that may matter.
Line = tuple[int, str | None, Need, Value]


def _bare(shape: int, key: str | None = None) -> Line:
    """A line whose value cannot matter."""
    return shape, key, Need.NEVER, _NO_VALUE


_BLANK_LINE, _COMMENT_LINE, FURTHER_PART = _bare(BLANK), _bare(COMMENT), _bare(FURTHER)


class _Head(NamedTuple):
    """What stands in front of a value; `lines` are those with a value that cannot matter, by its kind.

    `need` is that of a value in which nothing is found.
    """

    column: int
    dashes: tuple[int, ...]
    inner: int
    key: str | None
    need: Need
    lines: dict[tuple[int, bool], Line]


class Lines:
    """Reads lines; what was read before is remembered, since manifests say the same things over and over."""

    def __init__(self, interest: Interest) -> None:
        self.interest = interest
        self.forget()

    def forget(self) -> None:
        """Start anew; no document may be half read."""
        self.automaton = Automaton()
        self.known: dict[str, Line | None] = {}
        # Heads by what stands in front of a line's `: `, and in front of the value of other lines.
        self._heads: dict[str, _Head | None] = {}
        self._fronts: dict[str, _Head] = {}
        # Whether something in a flow collection matters, by the key in front of it and what it is without dull words.
        self._flows: dict[str, bool] = {}

    def read(self, raw: str) -> Line | None:
        """Read a line, None where it does not fit the grammar.

        Raises Declined for a key that is no string, or that matters itself.
        """
        cut = raw.find(": ") + 1
        front = raw[:cut]
        head = self._heads[front] if front in self._heads else self._head(front)
        line = self._line(raw, head, cut) if head else self._keyless(raw)
        _remember(self.known, raw, line)
        return line

    def dull(self, raw: str) -> Line | None:
        """A line with a value in which nothing can be found, None for others and where its key is new.

        `read` says the same and takes three times as long: most lines that are not remembered are such ones.
        """
        cut = raw.find(": ") + 1
        head = self._heads.get(raw[:cut])
        found = _DULL.match(raw, cut) if head else None
        if head is None or found is None or _HINT in raw:
            return None
        kind = _QUOTED_TEXT if found.lastindex else _A_WORD
        line = head.lines.get(kind) or self._add_line(head, *kind)
        if head.need is not Need.NEVER:
            text = raw[cut + 2 : -1] if found.lastindex else raw[cut + 1 :]
            if text:
                line = line[0], line[1], head.need, (kind[0], text, cut + 1, len(raw))
        _remember(self.known, raw, line)
        return line

    def _head(self, text: str) -> _Head | None:
        """What a line's text up to its first `: ` says, None if that is no key."""
        found = _HEAD_LINE.fullmatch(text) if text else None
        head = self._make_head(found) if found and found[3] else None
        _remember(self._heads, text, head)
        return head

    def _keyless(self, raw: str) -> Line | None:
        """A line without a key in front of a space: an item, a key on its own, nothing."""
        found = _HEAD_LINE.match(raw)
        if found is None:
            return None
        text = found.group()
        head = self._fronts.get(text)
        if head is None:
            head = self._make_head(found)
            _remember(self._fronts, text, head)
        return self._line(raw, head, found.end())

    def _make_head(self, found: re.Match[str]) -> _Head:
        _check_name(found[3])
        column, key = found.end(1), key_text(found[3])
        return _Head(column, dash_columns(found[2], column), found.end(2), key, self._need(key), {})

    def _need(self, key: str | None) -> Need:
        """Whether a value under a key matters in which nothing is found."""
        if key is None:
            return Need.ASK
        if key in self.interest.keys:
            self.check_key(key)
            return Need.ALWAYS
        if key in self.interest.maps or is_hinting(key):
            self.check_key(key)
        return Need.NAME if key == "name" else Need.NEVER

    def _line(self, raw: str, head: _Head, cut: int) -> Line | None:
        found = _REST_LINE.match(raw, cut)
        if found is None:
            return None
        kind, is_commented = found.lastindex or NOTHING, False
        if kind == _HASH:
            kind, is_commented = next((group for group in range(PLAIN, _HASH) if found[group] is not None), 0), True
        if head.key is None and not kind and not head.dashes:
            return _COMMENT_LINE if is_commented else _BLANK_LINE
        line = head.lines.get((kind, is_commented)) or self._add_line(head, kind, is_commented)
        if kind == NOTHING:
            return line
        need = self._need_of_value(raw, head, kind, found)
        if need is Need.NEVER:
            return line
        text = found[kind]
        if kind in (QUOTED, APOSTROPHED):
            text = unquote(text)
            if not text:
                return line
        return line[0], line[1], need, (kind, text, *found.span(kind))

    def _add_line(self, head: _Head, kind: int, is_commented: bool) -> Line:
        """The line with a head and a value of a kind that cannot matter."""
        shape = Shape(head.column, head.dashes, head.inner, head.key is not None, _after(kind, is_commented))
        line = head.lines[kind, is_commented] = _bare(self.automaton.number(shape), head.key)
        return line

    def _need_of_value(self, raw: str, head: _Head, kind: int, found: re.Match[str]) -> Need:
        if kind == BLOCK:
            return Need.NESTED
        if kind == FLOW:
            return Need.NEVER if head.need is Need.NEVER and self._is_quiet(raw, head.key, found) else Need.NESTED
        if head.need is Need.NEVER or head.need is Need.NAME:
            is_hidden = "\\" in raw or "''" in raw
            is_found = is_hidden or (is_hinting(raw) and self.interest.finds(found[kind].strip("\"'")))
            return Need.ASK if is_found else head.need
        return head.need

    def _is_quiet(self, raw: str, key: str | None, found: re.Match[str]) -> bool:
        """Whether nothing in a flow collection matters; raises Declined."""
        says_itself = is_hinting(raw) or len(raw) >= _LONGEST_LINE or '"' in raw or "'" in raw
        place = "" if says_itself else f"{key or ''}:{_DULL_WORDS.sub('x', found[FLOW])}"
        is_quiet = self._flows.get(place)
        if is_quiet is None:
            is_quiet = not flow.read(raw, *found.span(FLOW), [key or ""], self.interest)
            if place:
                _remember(self._flows, place, is_quiet)
        return is_quiet

    def item(self, raw: str, column: int, *, is_whole: bool) -> str:
        """The scalar that is the item with its dash in a column of a line, empty for a collection.

        `is_whole` tells that no other line belongs to the item. Raises Declined where the line alone does
        not say what the item is.
        """
        line = self.known.get(raw) or self.read(raw)
        shape = self.automaton.shape(line[0]) if line else None
        if line is None or shape is None or column not in shape.dashes:
            raise Declined
        _, key, _, (kind, text, _, _) = line
        if key is not None or shape.dashes[-1] != column or kind == FLOW:
            return ""
        if kind == BLOCK or not is_whole:
            raise Declined
        return text

    def check_key(self, key: str) -> None:
        """Decline a key that matters itself, or below which anything matters."""
        interest = self.interest
        if key in interest.maps or (is_hinting(key) and interest.finds(key)):
            raise Declined

    def open_line(self, found: re.Match[str]) -> tuple[int, str | None]:
        """The shape and the key of the line on which a match of `OPEN_LINE` begins."""
        head = self._make_head(found)
        column = found.start()
        dashes = tuple(dash - column for dash in head.dashes)
        shape = Shape(head.column - column, dashes, head.inner - column, head.key is not None, After.NEXT)
        return self.automaton.number(shape), head.key


_Known = TypeVar("_Known")


def _remember(known: dict[str, _Known], text: str, what: _Known) -> None:
    """Keep what was read of a text, unless it is long; once there is too much, start anew."""
    if len(text) < _LONGEST_LINE:
        if len(known) >= _MOST_LINES:
            known.clear()
        known[text] = what


def _after(kind: int, is_commented: bool) -> After:
    """What may follow a line with a value of a kind."""
    if kind == NOTHING:
        return After.VALUE
    if kind == PLAIN:
        return After.NOTHING_MORE if is_commented else After.MORE
    return After.NEXT


def _check_name(name: str | None) -> None:
    """Decline a key that surely or possibly is none that kubectl accepts."""
    if name is not None and (name in NULLS or len(name) > LONGEST_KEY):
        raise Declined


def key_text(name: str | None) -> str | None:
    """A key without its quotes."""
    return name if name is None or name[0] not in "\"'" else unquote(name)


def dash_columns(marks: str, column: int) -> tuple[int, ...]:
    """The columns of the dashes in a piece of a line that begins at a column."""
    return tuple(column + index for index, mark in enumerate(marks) if mark == "-") if marks else ()
