r"""The JSON reader: a strict scanner (RFC 8259) that keeps spans.

kubectl reads JSON with a JSON parser, which accepts what YAML parsers refuse: `\ud83d\ude00`
for one character, tabs between tokens, keys of any length.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from kubectl_tcr.errors import ReadError
from kubectl_tcr.readers.budget import Budget
from kubectl_tcr.readers.interest import Interest, is_hinting
from kubectl_tcr.text.document import MOST_BEFORE, Outline, Path, Reading, RootEntry, Scalar

# encoding/json stops at this depth (decode scanner, maxNestingDepth).
DEEPEST = 10_000
_LONGEST_NUMBER = 4_000

_SPACE = r"[ \t\r\n]*+"
_STRING = r'"((?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+)"'
_ATOM = r"(-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?|true|false|null)"
_VALUE = rf"(?:{_STRING}|{_ATOM}|([\[{{]))"

_ITEM = re.compile(_SPACE + _VALUE)
_MEMBER = re.compile(_SPACE + _STRING + _SPACE + ":" + _SPACE + _VALUE)
_KEY = re.compile(_SPACE + _STRING + _SPACE + ":" + _SPACE)
_NEXT = re.compile(_SPACE + r"([,}\]])")
_BLANK = re.compile(_SPACE)


def read(text: str, interest: Interest) -> Reading:
    """Read one JSON value.

    Raises ReadError where the text is no JSON value, or more than one.
    """
    scanner = _Scanner(text, interest)
    end = scanner.value()
    if end != len(text):
        raise ReadError("invalid JSON: text after the value", end, is_behind=True)
    return Reading(tuple(scanner.scalars))


def outline(text: str) -> Outline | None:
    """The root object of a JSON value that `read` accepts, None where it is no object.

    Raises ReadError for what is nested too deeply for the decoder of the standard library.
    """
    decoder = json.JSONDecoder(parse_int=str, parse_float=str)  # Python makes no number of more than 4,300 digits
    entries = []
    position = _end(_BLANK, text, 0)
    if text[position] != "{":
        return None
    while found := _KEY.match(text, position + 1):
        try:
            value, stop = decoder.raw_decode(text, found.end())
        except RecursionError:
            raise ReadError("nested too deeply", found.end()) from None
        key = str(json.loads(f'"{found.group(1)}"'))
        children = tuple(map(_node, value)) if isinstance(value, list) else ()
        entries.append(RootEntry(key, found.start(1) - 1, found.end(), stop, _node(value), children))
        position = _end(_BLANK, text, stop)
    return Outline(tuple(entries), is_flow=True)


def load(text: str, deepest: int) -> Any:
    """Plain values of a JSON text that `read` accepts; raises ReadError where a key stands twice or too deep."""
    try:
        value = json.loads(text, object_pairs_hook=once, parse_int=number)
        is_deeper = _is_deeper(value, deepest)
    except RecursionError:
        is_deeper = True
    except ValueError as error:
        raise ReadError(f"{error}; keep one", 0) from None
    if is_deeper:
        raise ReadError(f"nested deeper than {deepest} levels", 0)
    return value


def number(text: str) -> int | str:
    """A number, or its text where Python makes none of it: more than 4,300 digits."""
    return text if len(text) > _LONGEST_NUMBER else int(text)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which no key is repeated; raises ValueError."""
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise ValueError(f'the key "{key}" stands twice')
        made[key] = value
    return made


def _is_deeper(value: Any, deepest: int) -> bool:
    """Whether collections stand deeper in one another: level by level, as recursion has bounds of its own."""
    level = [value]
    for _ in range(deepest):
        level = [below for one in level for below in _children(one) if isinstance(below, dict | list)]
    return bool(level)


def _children(value: dict[str, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _node(value: object) -> str:
    if isinstance(value, dict):
        return "mapping"
    return "sequence" if isinstance(value, list) else "scalar"


class _Scanner:
    """One pass over a value; `path` has an entry for every open object or array."""

    def __init__(self, text: str, interest: Interest) -> None:
        self.text = text
        self.interest = interest
        self.path: list[str | int] = []
        self.before: list[list[str]] = [[]]
        self.is_fresh = False
        self.scalars: list[Scalar] = []
        self.budget = Budget(text)

    def value(self) -> int:
        """Scan a whole value; the offset behind it and the white space that follows."""
        position = self.item(0)
        while self.path:
            position = self.first(position) if self.is_fresh else self.step(position)
        return _end(_BLANK, self.text, position)

    def step(self, position: int) -> int:
        """From behind a value inside a collection to behind the next value or bracket."""
        found = _NEXT.match(self.text, position)
        if found is None:
            raise self.error("expected , or a closing bracket", position)
        mark, is_array = found.group(1), isinstance(self.path[-1], int)
        if mark == ",":
            return self.following(found.end(), is_array)
        if (mark == "]") != is_array:
            raise self.error(f"{mark} does not close what is open", found.end() - 1)
        return self.close(found.end())

    def following(self, position: int, is_array: bool) -> int:
        last = self.path[-1]
        if isinstance(last, int):
            self.path[-1] = last + 1
        return self.item(position) if is_array else self.member(position)

    def item(self, position: int) -> int:
        found = _ITEM.match(self.text, position)
        if found is None:
            raise self.error("expected a value", position)
        return self.take(found, 1)

    def member(self, position: int) -> int:
        found = _MEMBER.match(self.text, position)
        if found is None:
            raise self.error('expected "key": value', position)
        key = self.decode(found, 1)
        self.path[-1] = key
        if is_hinting(key) and self.interest.finds(key):
            self.emit(found, 1, key, is_key=True)
        return self.take(found, 2)

    def take(self, found: re.Match[str], group: int) -> int:
        """The value in `group` (a string), the next (an atom) or the one after (a bracket)."""
        if found.group(group + 2):
            return self.open(found.group(group + 2), found.end())
        value = ""
        if found.group(group) is not None:
            value = self.decode(found, group)
            if value and self.interest.wants(value, self.path):
                self.emit(found, group, value, is_key=False)
        self.before[-1].append(value)
        return found.end()

    def open(self, bracket: str, position: int) -> int:
        if len(self.path) >= DEEPEST:
            raise self.error(f"nested deeper than {DEEPEST} levels", position - 1)
        is_array = bracket == "["
        self.path.append(0 if is_array else "")
        self.before.append([])
        self.is_fresh = True
        return position

    def first(self, position: int) -> int:
        """From behind an opening bracket to behind the first value, or the closing bracket."""
        self.is_fresh = False
        is_array = isinstance(self.path[-1], int)
        empty = _NEXT.match(self.text, position)
        if empty and empty.group(1) == ("]" if is_array else "}"):
            return self.close(empty.end())
        return self.item(position) if is_array else self.member(position)

    def close(self, position: int) -> int:
        self.path.pop()
        self.before.pop()
        self.before[-1].append("")
        return position

    def decode(self, found: re.Match[str], group: int) -> str:
        raw = found.group(group)
        return str(json.loads(f'"{raw}"')) if "\\" in raw else raw

    def emit(self, found: re.Match[str], group: int, value: str, *, is_key: bool) -> None:
        where: Path = tuple(self.path)
        is_item = not is_key and bool(where) and isinstance(where[-1], int)
        before = tuple(self.before[-1][-MOST_BEFORE:]) if is_item else ()
        start, stop = found.span(group)
        self.budget.spend(where, start)
        self.scalars.append(Scalar(value, "json", start - 1, stop + 1, where, is_key, before))

    def error(self, what: str, position: int) -> ReadError:
        return ReadError(f"invalid JSON: {what}", _end(_BLANK, self.text, position))


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position
