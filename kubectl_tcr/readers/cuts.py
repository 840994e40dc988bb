"""Where a long document can be cut, told by its bytes and without reading them: in a list or in one long string.

The root of `kubectl get -o yaml` is a mapping with a list `items`, which may be most of a cluster. Leave some of
the items out, and what is left is a document too; so it is with lines of a block scalar and words of a string. Where
nothing says surely that this is so, nothing is cut; who reads a piece sees whether it is what the cuts took it for.
"""

import json
import re
from array import array
from collections.abc import Iterator
from typing import NamedTuple

from kubectl_tcr.text.patterns import lazy, lazy_bytes

# What all pieces have in common is read with each of them, so it must be short, in bytes.
_MOST_AROUND = 1 << 16
# How much of a JSON text is looked at at once, in bytes, and how much of it must be left for a key.
_WINDOW = 1 << 20
_LONGEST_KEY = 1 << 12

_BOM = b"\xef\xbb\xbf"
_ITEMS = lazy_bytes(rb"(?:\A|\n)items:\x20*+\r?\n")
_FIRST_ITEM = lazy_bytes(rb"(\x20*+)-\x20")
# A key at the root, and whatever else begins a line there.
_ROOT_LINE = lazy_bytes(rb"(?:\A|\n)(?=[^\x20\r\n#])(?:([A-Za-z][\w-]*+):(?=[\x20\r\n]|\Z))?+")
# What the tail may begin with: a value that shows that the items in front of it have ended.
_NAMING = lazy_bytes(rb"(?:kind|apiVersion):\x20++(?=[A-Za-z])")
_BLANK_TAIL = lazy_bytes(rb"(?:\x20*+(?:#[^\n]*+)?+\r?(?:\n|\Z))*+\Z")
# Names behind `&` and `*` where an anchor or an alias may begin.
_NAME = rb"(?<=[\s\[{,:].)([^\s,\[\]{}?:%@`]++)"
_ANCHOR, _ALIAS = lazy_bytes(rb"&" + _NAME, re.DOTALL), lazy_bytes(rb"\*" + _NAME, re.DOTALL)

_OPEN = lazy(r"[ \t\r\n]*+\{")
_KEY = lazy(r'[ \t\r\n]*+"([A-Za-z]\w*+)"[ \t\r\n]*+:[ \t\r\n]*+')
_LIST = lazy(r"\[[ \t\r\n]*+(?=\{)")
_NEXT = lazy(r"[ \t\r\n]*+([,}\]])[ \t\r\n]*+")


# A block scalar whose value is its lines, and how far its first line is indented; a string in double quotes.
_HEADER = lazy_bytes(rb":\x20++(\|[+-]?+)\x20*+\r?\n((?:\x20*+\r?\n)*+(\x20++))(?=[^\x20\t\r\n])")
_STRING = lazy_bytes(rb'"(?:[^"\\]++|\\.)*+"')
# Between two words; no escape is near.
_WORDS = rb"(?<=[^\x20\\]\x20)(?=[^\x20\\])"
# How far a place is looked for where a string may be cut, in bytes.
NEAR = 1 << 14
# What a reference may go on with behind a blank, a placeholder: how it opens, what else opens within, what closes.
_PLACEHOLDERS = ((b"{{", b"{{", b"}"), (b"$(", b"(", b")"), (b"$[", b"[", b"]"))
_FURTHEST = 1_000


class Cuts(NamedTuple):
    """The items of a document: the offsets, in bytes, where each begins and where its text ends.

    In front of the first is the head of the document, behind the last its tail. `naming` is the offset of the value in
    the tail that a reader must see, -1 where there is none.
    """

    starts: "array[int]"
    stops: "array[int]"
    naming: int = -1


class Long(NamedTuple):
    """A string that is most of a document: the offsets, in bytes, where it is spelled from and where its text stands.

    `indent` is how far the lines of a block scalar are indented, -1 for a string in double quotes on one line.
    """

    at: int
    start: int
    stop: int
    indent: int = -1

    def cut(self, body: bytes, position: int) -> int:
        """The first place from a position on where the text can be cut, -1 where there is none near."""
        if position <= self.start:
            return self.start
        if position >= self.stop:
            return self.stop
        pattern = _WORDS if self.indent < 0 else rb"(?<=[^\\\r]\n)(?=\x20{%d}[^\x20\t\r\n])" % self.indent
        for found in re.compile(pattern).finditer(body, position, min(position + NEAR, self.stop)):
            front = body[max(found.start() - _FURTHEST, self.start) : found.start()]
            if not any(_is_open(front, *marks) for marks in _PLACEHOLDERS):
                return found.start()
        return -1


def _is_open(front: bytes, opening: bytes, inner: bytes, closing: bytes) -> bool:
    """Whether any placeholder is open at the end of a text."""
    at = front.find(opening)
    while at >= 0:
        if front.count(inner, at) > front.count(closing, at):
            return True
        at = front.find(opening, at + 1)
    return False


class _Unsure(Exception):  # noqa: N818 not an error: the document is read as a whole
    """Nothing says surely where the items are."""


def of_yaml(body: bytes) -> Cuts | None:
    """The items of a YAML document in block style whose root is a list of them, None where that is not sure."""
    found = _ITEMS.search(body)
    if found is None or body.startswith(_BOM):
        return None
    first = _FIRST_ITEM.match(body, found.end())
    if first is None:
        return None
    starts, tail = _block_items(body, found.end(), len(first[1]))
    keys = [*_root_keys(body, 0, found.start() + 1), b"items", *_root_keys(body, tail, len(body))]
    if b"" in keys or len(keys) != len(set(keys)) or starts[0] + len(body) - tail > _MOST_AROUND or _crosses(body):
        return None
    naming = _NAMING.match(body, tail)
    if naming is None and not _BLANK_TAIL.match(body, tail):
        return None
    return Cuts(starts, starts[1:] + array("q", [tail]), naming.end() if naming else -1)


def _block_items(body: bytes, begin: int, column: int) -> tuple["array[int]", int]:
    """Where the lines stand that begin an item, with the dash in a column, and where a line ends the list."""
    starts = array("q")
    for found in re.compile(rb"\n(\x20{0,%d}+)(?=[^\x20\r\n#])" % column).finditer(body, begin - 1):
        if len(found[1]) != column or not body.startswith(b"- ", found.end()):
            return starts, found.start() + 1
        starts.append(found.start() + 1)
    return starts, len(body)


def _root_keys(body: bytes, begin: int, stop: int) -> Iterator[bytes]:
    """The keys at the root in a part of a document, an empty one for a line that begins with something else."""
    for found in _ROOT_LINE.finditer(body, max(begin - 1, 0), stop):
        yield found[1] or b""


def _crosses(body: bytes) -> bool:
    """Whether an alias may repeat what is anchored: then items are not read one by one."""
    anchors = set(_ANCHOR.findall(body))
    return bool(anchors) and not anchors.isdisjoint(_ALIAS.findall(body))


def of_json(body: bytes) -> Cuts | None:
    """The items of a JSON document whose root is an object with a list of objects, None where that is not sure."""
    try:
        return _json(_Cursor(body))
    except _Unsure:
        return None


def _json(cursor: "_Cursor") -> Cuts | None:
    cursor.match(_OPEN)
    keys: list[str] = []
    cuts = None
    mark = ","
    while mark == ",":
        keys.append(cursor.match(_KEY)[1])
        if keys[-1] == "items":
            cuts = _json_items(cursor)
        else:
            cursor.value()
        mark = cursor.match(_NEXT)[1]
    if mark != "}" or cuts is None or len(keys) != len(set(keys)):
        return None
    return cuts if cuts.starts[0] + len(cursor.body) - cuts.stops[-1] <= _MOST_AROUND else None


def _json_items(cursor: "_Cursor") -> Cuts:
    cursor.match(_LIST)
    starts, stops = array("q"), array("q")
    mark = ","
    while mark == ",":
        starts.append(cursor.offset)
        if not isinstance(cursor.value(), dict):
            raise _Unsure
        stops.append(cursor.offset)
        mark = cursor.match(_NEXT)[1]
    if mark != "]":
        raise _Unsure
    return Cuts(starts, stops)


def of_text(body: bytes) -> Long | None:
    """The string that is most of a document, None where there is none that can be cut."""
    if body.startswith(_BOM):
        return None
    long = next((one for one in (*_blocks(body), *_strings(body)) if _is_most(one, body)), None)
    if long is None or b"&" in body[: long.at] or b"&" in body[long.stop :]:
        return None
    return long


def _is_most(long: Long, body: bytes) -> bool:
    return long.stop - long.start > len(body) - _MOST_AROUND


def _blocks(body: bytes) -> Iterator[Long]:
    """The block scalars of YAML not far from the beginning."""
    for found in _HEADER.finditer(body, 0, _MOST_AROUND):
        indent = len(found[3])
        behind = re.compile(rb"\n(?!\x20{%d}|\x20*+\r?(?:\n|\Z))" % indent).search(body, found.start(2))
        yield Long(found.start(1), found.start(2), behind.start() + 1 if behind else len(body), indent)


def _strings(body: bytes) -> Iterator[Long]:
    """The strings in double quotes on one line, not far from the beginning."""
    for found in _STRING.finditer(body):
        start, stop = found.span()
        if start > _MOST_AROUND:
            return
        if stop - start > len(body) - _MOST_AROUND and body.find(b"\n", start, stop) < 0:
            yield Long(start, start + 1, stop - 1)


class _Cursor:
    """A place in a JSON text, of which no more is decoded than a window."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self._decode = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode
        self._text, self._position = "", 0
        self._end = 0  # of the window, in bytes
        self._counted = 0, 0  # a place in the window, and the same in bytes

    @property
    def offset(self) -> int:
        """The place in bytes."""
        position, offset = self._counted
        offset += len(self._text[position : self._position].encode())
        self._counted = self._position, offset
        return offset

    def _look(self, size: int) -> None:
        """Decode a window that begins at the place."""
        start = self.offset
        self._end = min(start + size, len(self.body))
        while self._end < len(self.body) and self.body[self._end] & 0xC0 == 0x80:  # not within a character
            self._end += 1
        self._text, self._position, self._counted = self.body[start : self._end].decode(), 0, (0, start)

    def match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Go behind what a pattern matches here; raises _Unsure where it does not."""
        if len(self._text) - self._position < _LONGEST_KEY and self._end < len(self.body):
            self._look(_WINDOW)
        found = pattern.match(self._text, self._position)
        if found is None:
            raise _Unsure
        self._position = found.end()
        return found

    def value(self) -> object:
        """Go behind a value, and return it; raises _Unsure where there is none."""
        size = _WINDOW
        while True:
            try:
                value, stop = self._decode(self._text, self._position)
                if stop < len(self._text) or self._end == len(self.body):
                    self._position = stop
                    return value
            except RecursionError:
                raise _Unsure from None
            except ValueError:
                pass
            if self._end == len(self.body):
                raise _Unsure
            self._look(size)
            size *= 2
