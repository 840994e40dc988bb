"""Plain values of the YAML that people write configurations in, without a YAML parser: to load one takes half a run.

Keys of letters, texts that can be nothing but texts, blocks by columns, brackets that end on their line. All else is
declined; `values` reads it then. Its law: what it accepts, `values` loads as the same values on the same lines.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from kubectl_tcr.readers.columns import Declined
from kubectl_tcr.readers.tags import BOOLEANS
from kubectl_tcr.text.document import Path

_DEEPEST = 20

_QUOTED = r"\"[^\"\\]*+\"|'[^']*+'"
# No indicator in front, no colon at the end, and no bracket where one is open.
_IN_BLOCK = re.compile(rf"(?:{_QUOTED}|[A-Za-z/](?:[\w.*/@?={{}}\[\]-]|:(?=[\w*/]))*+)", re.ASCII)
_IN_BRACKETS = re.compile(rf" *+(?:{_QUOTED}|[A-Za-z/](?:[\w.*/@?=-]|:(?=[\w*/]))*+)", re.ASCII)
_KEY = re.compile(r" *+([A-Za-z][A-Za-z0-9]*+):(?: ++|$)", re.ASCII)
_ITEM = re.compile(r"- ++")
# What YAML takes for something else than a text, whatever the version.
_NO_TEXT = frozenset({"null", *BOOLEANS})
# What is no printable ASCII, and what ends or precedes a document.
_ODD = re.compile(r"[^\n\x20-\x7e]|^(?:---|\.\.\.|%)", re.MULTILINE)


class _Mark(NamedTuple):
    """What stands on a line from a column on: an item (`key` is None), a key, or a text (`key` is empty)."""

    line: int
    column: int
    key: str | None
    rest: str = ""


def load(text: str) -> tuple[Any, dict[Path, int]] | None:
    """The values of a document, and the line of every key and item by path; None where it is declined."""
    if _ODD.search(text):
        return None
    try:
        return _Builder(list(_marks(text))).built()
    except Declined:
        return None


def _marks(source: str) -> Iterator[_Mark]:
    for line, raw in enumerate(source.split("\n"), 1):
        text = _without_comment(raw).rstrip(" ")
        column = len(text) - len(text.lstrip(" "))
        while item := _ITEM.match(text, column):
            yield _Mark(line, column, None)
            column = item.end()
        key = _KEY.match(text, column)
        if key:
            yield _Mark(line, column, key[1], text[key.end() :])
        elif text[column:]:
            yield _Mark(line, column, "", text[column:])


def _without_comment(raw: str) -> str:
    """A line without its comment; declined where quotes may hold the sign of one."""
    at = raw.find("#")
    if at < 0:
        return raw
    if '"' in raw or "'" in raw or (at and raw[at - 1] != " "):
        raise Declined
    return raw[:at]


class _Builder:
    """Makes values of marks; `at` is the next one."""

    def __init__(self, marks: list[_Mark]) -> None:
        self._marks = marks
        self._at = 0
        self._lines: dict[Path, int] = {}

    def built(self) -> tuple[Any, dict[Path, int]]:
        """The values of all marks."""
        if not self._marks:
            raise Declined
        value = self._block(())
        if self._at < len(self._marks):  # further right than it may stand
            raise Declined
        return value, self._lines

    def _block(self, path: Path) -> Any:
        first = self._marks[self._at]
        if len(path) > _DEEPEST:
            raise Declined
        if first.key is None:
            return self._sequence(first.column, path)
        if first.key:
            return self._mapping(first.column, path)
        self._at += 1
        return self._value(first, path)

    def _mapping(self, column: int, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while mark := self._next(column, is_item=False):
            key = _new(mark.key or "", made)
            self._lines[*path, key] = mark.line
            self._at += 1
            made[key] = self._value(mark, (*path, key)) if mark.rest else self._below(mark, (*path, key))
        return made

    def _below(self, mark: _Mark, path: Path) -> Any:
        """The block below a key: further right, or the items of a list in the same column."""
        if self._at == len(self._marks):
            raise Declined
        below = self._marks[self._at]
        if below.line == mark.line or below.column < mark.column + (below.key is not None):
            raise Declined
        return self._block(path)

    def _sequence(self, column: int, path: Path) -> list[Any]:
        made: list[Any] = []
        while mark := self._next(column, is_item=True):
            self._lines[*path, len(made)] = mark.line
            self._at += 1
            if self._at == len(self._marks) or self._marks[self._at].line != mark.line:
                raise Declined
            made.append(self._block((*path, len(made))))
        return made

    def _next(self, column: int, *, is_item: bool) -> _Mark | None:
        """The next mark if it belongs to a block in a column."""
        mark = self._marks[self._at] if self._at < len(self._marks) else None
        if mark is None or mark.column != column or (mark.key is None) is not is_item or mark.key == "":
            return None
        return mark

    def _value(self, mark: _Mark, path: Path) -> Any:
        """The value that a line ends in."""
        if mark.rest[0] in "{[":
            return _Brackets(mark, self._lines).whole(path)
        if not _IN_BLOCK.fullmatch(mark.rest):
            raise Declined
        return _text(mark.rest)


class _Brackets:
    """Reads collections in brackets; `at` is the next character."""

    def __init__(self, mark: _Mark, lines: dict[Path, int]) -> None:
        self._text = mark.rest
        self._line = mark.line
        self._lines = lines
        self._at = 0

    def whole(self, path: Path) -> Any:
        """The value that the text is."""
        value = self._value(path)
        if self._at < len(self._text):
            raise Declined
        return value

    def _value(self, path: Path) -> Any:
        if len(path) > _DEEPEST:
            raise Declined
        if self._takes("{"):
            return self._mapping(path)
        if self._takes("["):
            return self._sequence(path)
        found = _IN_BRACKETS.match(self._text, self._at)
        if not found:
            raise Declined
        self._at = found.end()
        return _text(found[0].strip(" "))

    def _mapping(self, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        while not self._takes("}"):
            found = _KEY.match(self._text, self._at)
            if not found:
                raise Declined
            key = _new(found[1], made)
            self._lines[*path, key] = self._line
            self._at = found.end()
            made[key] = self._value((*path, key))
            self._separate("}")
        return made

    def _sequence(self, path: Path) -> list[Any]:
        made: list[Any] = []
        while not self._takes("]"):
            self._lines[*path, len(made)] = self._line
            made.append(self._value((*path, len(made))))
            self._separate("]")
        return made

    def _takes(self, sign: str) -> bool:
        """Whether a sign comes next, behind blanks; it is passed over."""
        if self._next() != sign:
            return False
        self._at += 1
        return True

    def _next(self) -> str:
        """What comes next, behind blanks, which are passed over; empty at the end."""
        while self._text.startswith(" ", self._at):
            self._at += 1
        return self._text[self._at : self._at + 1]

    def _separate(self, end: str) -> None:
        """Pass over a comma, behind which something follows; the end may stand in its place."""
        if self._takes(",") is (self._next() == end):
            raise Declined


def _new(key: str, made: dict[str, Any]) -> str:
    """A key that is a text, and not there yet."""
    if key in made or key.lower() in _NO_TEXT:
        raise Declined
    return key


def _text(spelled: str) -> str:
    """The text that a scalar is."""
    if spelled[0] in "\"'":
        return spelled[1:-1]
    if spelled.lower() in _NO_TEXT:
        raise Declined
    return spelled
