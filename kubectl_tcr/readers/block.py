r"""The block reader: plain block YAML, read by lines and without a YAML parser.

It takes documents whose every line fits a small grammar (keys, scalars, flow collections that
end on their line, block scalars, comments) and declines all others: anchors, YAML tags, tabs in
structure, odd characters, scalars over several lines where they could hold an image. Nothing is guessed: a line
belongs to the collection that is open at its column, and where none is, the document is
declined. What it accepts, the exact reader accepts, with the same scalars, spans and paths;
`tests/test_block_reader.py` holds it to that over all fixtures and their mutants.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from kubectl_tcr.document import Reading, Scalar, Style
from kubectl_tcr.layout import unescape
from kubectl_tcr.readers import Interest, is_hinting

# Characters on which YAML parsers part, or which end lines for some of them: the document is declined.
_ODD = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u2030-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]|\r(?!\n)")

_ESCAPE = r"\\(?:[0abtnvfre\x20\"/\\N_LP]|x[0-9a-fA-F]{2}|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})"
_DOUBLE = rf'"(?:[^"\\\t\r\n]++|{_ESCAPE})*+"'
_SINGLE = r"'(?:[^'\t\r\n]++|'')*+'"
_KEY = rf"[A-Za-z0-9_./](?:[A-Za-z0-9_./$~+-]|:(?=[A-Za-z0-9_./]))*+|{_DOUBLE}|{_SINGLE}"
# A plain scalar: no indicator in front, no `: ` and no ` #` inside.
_WORDS = r"(?:[^\x20\t\r\n:]++|:(?=[^\x20\t\r\n])|\x20++(?=[^\x20\t\r\n#]))"
_PLAIN = rf"(?:[A-Za-z0-9_./$(+~^<=\\;)\xa1-\U0010ffff]|[-:](?![\x20\t\r\n])){_WORDS}*+"
_END = r"\x20*+(?:(?<![^\x20])(#)[^\r\n]*+)?+\r?\Z"

_LINE = re.compile(
    rf"(\x20*+)((?:-(?:\x20++|(?=\r?\Z)))*+)(?:({_KEY}):(?=[\x20\r]|\Z)\x20*+)?+"
    rf"(?:({_PLAIN})|({_DOUBLE})|({_SINGLE})|([\[{{][^\r]*[\]}}])|([|>][+-]?+))?+{_END}"
)
_SCALAR, _QUOTED, _APOSTROPHED, _FLOW, _BLOCK = range(4, 9)
# A quoted scalar over several lines, and the further lines of a plain one.
_OPEN_LINE = re.compile(
    rf"(\x20*+)((?:-\x20++)*+)(?:({_KEY}):\x20++)?+"
    rf"(?:(\"(?:[^\"\\\t]++|{_ESCAPE}|\\\r?\n)*+\")|('(?:[^'\t]++|'')*+'))"
    r"\x20*+(?:(?<=\x20)#[^\r\n]*+)?+(?:\r?\n|\Z)"
)
_FURTHER = re.compile(rf"(\x20++)(?!#)({_WORDS}++)\x20*+(?:\r?\n|\Z)")
_LINE_START = re.compile(r"\n(\x20*+)[^\x20\r\n]")

_BLANK_LINES = re.compile(r"(?:\x20*+\r?\n)*+")
_SPACES = re.compile(r"\x20*+")

# Inside a one-line flow collection; a plain scalar there holds no brackets, commas or quotes.
_FLOW_PLAIN = r"(?:[A-Za-z0-9_./$(=+~]|-(?=[\w./$-]))(?:[\w./$()=+~@%*<>;-]|:(?=[\w./$-])|\x20(?=[\w./$(=+~]))*+"
_FLOW_SCALAR = re.compile(rf"\x20*+(?:({_FLOW_PLAIN})|({_DOUBLE})|({_SINGLE}))\x20*+", re.ASCII)
_FLOW_MARK = re.compile(r"\x20*+([\[\]{},])\x20*+")
_FLOW_COLON = re.compile(r":\x20++")
_DEEPEST_FLOW = 16

_STYLES: dict[int, Style] = {_SCALAR: "plain", _QUOTED: "double", _APOSTROPHED: "single"}
_FLOW_STYLES: tuple[Style, ...] = ("plain", "double", "single")
_NULL = frozenset({"null", "Null", "NULL", "~"})
# YAML parsers look this far for the colon of a key.
_LONGEST_KEY = 1000
_OPEN_QUOTED, _OPEN_APOSTROPHED = 4, 5
# Escapes that could hide a host or a slash.
_HIDING = re.compile(r"\\[xuU/\r\n]")
_ROOT = -1
# Open collections; what nests deeper is odd enough for a parser.
_DEEPEST = 200
# The cache of lines is bounded: this many, and none longer than this many characters.
_MOST_LINES = 20_000
_LONGEST_LINE = 200


class _Declined(Exception):  # noqa: N818 not an error: the exact reader goes on
    """The document is not plain block YAML, or not surely so."""


class _Line(NamedTuple):
    """What a line says, wherever it stands; offsets count from its start.

    `column` is that of the first dash or of the key, `dashes` the columns of all dashes, `inner`
    the column behind them. `kind` is the group of `_LINE` that holds the value, 0 where there is
    none. `is_quiet` marks the lines that most of any document is made of: a key with a scalar
    that cannot matter, or with nothing.
    """

    is_quiet: bool
    column: int
    key: str | None
    kind: int
    dashes: tuple[int, ...]
    inner: int
    value: str
    start: int
    stop: int
    is_commented: bool


_BLANK = _Line(False, 0, None, -1, (), 0, "", 0, 0, False)
_COMMENT = _BLANK._replace(is_commented=True)


def _parse(raw: str, interest: Interest, keys: frozenset[str]) -> _Line | None:
    """Read a line on its own, None where it does not fit the grammar."""
    found = _LINE.match(raw)
    if found is None:
        return None
    indent, inner = found.end(1), found.end(2)
    name, last = found[3], found.lastindex or 0
    is_commented = last > _BLOCK
    if is_commented:
        last = next((group for group in range(_SCALAR, _BLOCK + 1) if found[group] is not None), 0)
    kind = last if last >= _SCALAR else 0
    if name is None and not kind and indent == inner:
        return _COMMENT if is_commented else _BLANK
    if not _is_key(name):
        return None
    key = _key(name)
    value = found[kind] if kind else ""
    dashes = _dashes(found[2], indent)
    start, stop = found.span(kind) if kind else (0, 0)
    is_quiet = (
        key is not None
        and not dashes
        and _is_quiet(raw, key, kind, interest, keys)
        and (kind != _FLOW or _is_quiet_flow(raw, key, start, stop, interest))
    )
    if kind in (_QUOTED, _APOSTROPHED):
        value = _unquote(value)
    return _Line(is_quiet, indent, key, kind, dashes, inner, value, start, stop, is_commented)


def _is_key(name: str | None) -> bool:
    """Whether the text in front of a colon, if there is one, surely is a key that kubectl accepts."""
    return name is None or (name not in _NULL and len(name) <= _LONGEST_KEY)


def _key(name: str | None) -> str | None:
    """A key without its quotes."""
    return name if name is None or name[0] not in "\"'" else _unquote(name)


def _dashes(marks: str, column: int) -> tuple[int, ...]:
    """The columns of the dashes in a piece of a line that begins at a column."""
    return tuple(column + index for index, mark in enumerate(marks) if mark == "-") if marks else ()


def _is_quiet(raw: str, key: str, kind: int, interest: Interest, keys: frozenset[str]) -> bool:
    """Whether neither the key nor the value of a line can matter, wherever it stands."""
    if key in keys or kind == _BLOCK or "\\" in raw:
        return False
    return not (is_hinting(raw) and interest.value.search(raw))


def _is_quiet_flow(raw: str, key: str, start: int, stop: int, interest: Interest) -> bool:
    """Whether a one-line flow collection under a key is sound and holds nothing that matters."""
    lines = _Lines(raw, interest)
    lines.path.append(key)
    try:
        lines.flow(start, stop)
    except _Declined:
        return False
    return not lines.scalars


class _Cache:
    """Lines that were read before: manifests say the same things over and over."""

    def __init__(self, interest: Interest) -> None:
        self.interest = interest
        self.keys = interest.keys | interest.maps | {"name"}
        self.lines: dict[str, _Line | None] = {}

    def add(self, raw: str) -> _Line | None:
        if len(self.lines) >= _MOST_LINES:
            self.lines.clear()
        line = _parse(raw, self.interest, self.keys)
        if len(raw) < _LONGEST_LINE:
            self.lines[raw] = line
        return line


@lru_cache(maxsize=4)
def _cache(interest: Interest) -> _Cache:
    return _Cache(interest)


def read(text: str, interest: Interest) -> Reading | None:
    """Read one YAML document, or decline it: None says nothing about whether it is valid."""
    if _ODD.search(text):
        return None
    try:
        return Reading(tuple(_Lines(text, interest).run()))
    except _Declined:
        return None


class _Lines:
    """One pass over the lines of a document.

    `columns`, `kinds` and `path` have an entry for every open collection: its column, whether it
    is a sequence, and the current key or index. `parent` is the column of a key or dash that
    waits for its value, None where none does; `plain` is the last line if a plain scalar ended it,
    else None, and `kept` whether that scalar matters.
    """

    def __init__(self, text: str, interest: Interest) -> None:
        self.text = text
        self.interest = interest
        self.columns: list[int] = []
        self.kinds: list[bool] = []
        self.path: list[str | int] = []
        self.before: dict[int, str] = {}
        self.scalars: list[Scalar] = []
        self.parent: int | None = _ROOT
        self.plain: _Line | None = None
        self.kept = False

    def run(self) -> list[Scalar]:
        cache = _cache(self.interest)
        known = cache.lines
        lines = self.text.split("\n")
        columns, kinds, path = self.columns, self.kinds, self.path
        number = position = 0
        while number < len(lines):
            raw = lines[number]
            line = known[raw] if raw in known else cache.add(raw)
            # Most lines take this short way; the rest of this class is for the others.
            if line is not None and line[0]:
                column = line[1]
                if self.parent is not None or columns[-1] != column or kinds[-1]:
                    if self.parent is None and self.plain is not None and column > columns[-1]:
                        raise _Declined
                    self.enter(column)
                path[-1] = line[2]  # type: ignore[assignment]
                kind = line[3]
                if kind:
                    self.plain, self.kept, self.parent = (line if kind == _SCALAR else None), False, None
                else:
                    self.plain, self.parent = None, column
                position += len(raw) + 1
            else:
                begin, position = position, self.other(line, raw, position)
                if position >= len(self.text):
                    break
                number += self.text.count("\n", begin, position) - 1
            number += 1
        return self.scalars

    def other(self, line: _Line | None, raw: str, position: int) -> int:
        """Take in any line; the offset of the next one."""
        behind = position + len(raw) + 1
        if line is _BLANK:
            return behind
        if line is _COMMENT:
            self.plain = None
            return behind
        column = len(raw) - len(raw.lstrip(" "))
        if self.plain is not None and self.parent is None and column > self.columns[-1]:
            self.further(self.plain, raw)
            return behind
        self.plain = None
        if line is None:
            return self.open_line(position, column)
        return self.line(line, position, behind)

    def further(self, plain: _Line, raw: str) -> None:
        """A further line of a plain scalar, which as a whole must not matter."""
        line = _FURTHER.match(raw)
        if line is None or self.kept or plain.is_commented or self.matters(line[2]):
            raise _Declined
        self.forget()

    def open_line(self, position: int, column: int) -> int:
        """A quoted scalar that goes on for lines, all of them indented, and must not matter."""
        line = _OPEN_LINE.match(self.text, position)
        if line is None:
            raise _Declined
        if not _is_key(line[3]):
            raise _Declined
        self.structure(_key(line[3]), column, _dashes(line[2], column), line.end(2) - position)
        raw = line[_OPEN_QUOTED] or line[_OPEN_APOSTROPHED]
        if any(len(start[1]) <= self.columns[-1] for start in _LINE_START.finditer(raw)):
            raise _Declined
        if _HIDING.search(raw) or self.matters(raw):
            raise _Declined
        self.parent = None
        self.forget()
        return line.end()

    def forget(self) -> None:
        """The value of an item was not made; no flag is spelled over several lines."""
        if isinstance(self.path[-1], int):
            self.before[len(self.path)] = _NOT_KNOWN

    def line(self, line: _Line, position: int, behind: int) -> int:
        """Take in a line that holds something; the offset of the next one."""
        self.structure(line.key, line.column, line.dashes, line.inner)
        kind = line.kind
        if kind in _STYLES:
            self.parent = None
            kept = len(self.scalars)
            self.emit(line.value, _STYLES[kind], position + line.start, position + line.stop)
            self.plain, self.kept = (line if kind == _SCALAR else None), len(self.scalars) > kept
        elif kind == _FLOW:
            self.flow(position + line.start, position + line.stop)
        elif kind == _BLOCK:
            return self.block(line.value, position + line.start, behind)
        else:
            self.parent = self.columns[-1]
        return behind

    def structure(self, key: str | None, column: int, dashes: tuple[int, ...], inner: int) -> None:
        """Find the collection that a line belongs to; open and close what it opens and closes."""
        for index, dash in enumerate(dashes):
            if index:
                self.open(dash, is_sequence=True)
            else:
                self.item(dash)
        if key is not None:
            if dashes:
                self.open(inner, is_sequence=False)
            else:
                self.enter(column)
            self.path[-1] = key
            if key in self.interest.maps or (is_hinting(key) and self.interest.value.search(key)):
                raise _Declined
        elif not dashes and (self.parent is None or self.parent == _ROOT or column <= self.parent):
            raise _Declined

    # The collection that a line belongs to.

    def item(self, column: int) -> None:
        parent = self.parent
        self.close(column, keep_sequence=True)
        if parent is not None and self.may_open_sequence(column, parent):
            self.open(column, is_sequence=True)
            return
        self.settle(parent)
        if not self.columns or self.columns[-1] != column or not self.kinds[-1]:
            raise _Declined
        index = self.path[-1]
        self.path[-1] = index + 1 if isinstance(index, int) else 0

    def enter(self, column: int) -> None:
        """Go to the mapping at a column, opening it where a value is waited for."""
        parent = self.parent
        if parent is not None and column > parent:
            self.open(column, is_sequence=False)
            return
        self.close(column, keep_sequence=False)
        self.settle(parent)
        if not self.columns or self.columns[-1] != column or self.kinds[-1]:
            raise _Declined

    def may_open_sequence(self, column: int, parent: int) -> bool:
        """Whether a sequence at `column` can be the value that is waited for: a key's may stand in its column."""
        return column > parent or (column == parent and bool(self.kinds) and not self.kinds[-1])

    def open(self, column: int, *, is_sequence: bool) -> None:
        if len(self.columns) > _DEEPEST:
            raise _Declined
        self.columns.append(column)
        self.kinds.append(is_sequence)
        self.path.append(0 if is_sequence else "")
        self.parent = None
        if is_sequence:
            self.before[len(self.path)] = ""

    def close(self, column: int, *, keep_sequence: bool) -> None:
        """Close what is open further right, and a sequence in the column of its mapping's next key."""
        columns = self.columns
        while columns and (
            columns[-1] > column
            or (columns[-1] == column and self.kinds[-1] and not keep_sequence and columns[-2:-1] == [column])
        ):
            columns.pop()
            self.kinds.pop()
            self.path.pop()
            if self.kinds and self.kinds[-1]:
                self.before[len(self.path)] = ""

    def settle(self, parent: int | None) -> None:
        """A value that was waited for turned out to be null."""
        if parent == _ROOT:
            raise _Declined
        if parent is not None and self.kinds and self.kinds[-1] and self.columns[-1] == parent:
            self.before[len(self.path)] = ""
        self.parent = None

    # Values.

    def emit(self, value: str, style: Style, start: int, stop: int) -> None:
        """Keep a scalar if it matters, and remember it for the next item of its sequence."""
        where = tuple(self.path)
        depth = len(where)
        is_item = isinstance(where[-1], int)
        if value and self.interest.wants(value, where):
            before = self.before.get(depth, "") if is_item else ""
            self.scalars.append(Scalar(value, style, start, stop, where, False, before))
        if is_item:
            self.before[depth] = value

    def block(self, header: str, start: int, begin: int) -> int:
        """Pass over the lines of a block scalar; the offset behind them."""
        self.parent = None
        text, parent = self.text, self.columns[-1]
        blank = _BLANK_LINES.match(text, begin)
        first = blank.end() if blank else begin
        spaces = _SPACES.match(text, first)
        indent = (spaces.end() if spaces else first) - first
        if indent <= parent or first + indent >= len(text):
            return self.empty_block(header, first)
        if first > begin and max(len(line.rstrip("\r")) for line in text[begin:first].split("\n")) > indent:
            raise _Declined
        content = _content(indent).match(text, first)
        stop = content.end() if content else first
        if self.matters(text[first:stop]):
            value = _block_value(text[begin:stop], indent, header)
            self.emit(value, "folded" if header[0] == ">" else "literal", start, stop)
        else:
            self.forget()
        return stop

    def empty_block(self, header: str, stop: int) -> int:
        if header.endswith("+") and self.matters(""):
            raise _Declined
        if isinstance(self.path[-1], int):
            self.before[len(self.path)] = ""
        return stop

    def matters(self, content: str) -> bool:
        """Whether the value may matter: a fold or an indent hides no match, they are white space."""
        return self.interest.wants(content, tuple(self.path))

    # Flow collections on one line.

    def flow(self, start: int, stop: int) -> None:
        self.parent = None
        if self.node(start, stop, 0) != stop:
            raise _Declined
        if isinstance(self.path[-1], int):
            self.before[len(self.path)] = ""

    def node(self, position: int, stop: int, depth: int) -> int:
        """Read a flow node; the offset behind it and the blanks that follow."""
        mark = _FLOW_MARK.match(self.text, position, stop)
        if mark is None:
            found = self.flow_scalar(position, stop)
            self.emit(*_flow_value(found))
            return found.end()
        if mark[1] not in "[{" or depth > _DEEPEST_FLOW:
            raise _Declined
        is_sequence = mark[1] == "["
        self.path.append(0 if is_sequence else "")
        self.before[len(self.path)] = ""
        end = self.entries(mark.end(), stop, depth, is_sequence=is_sequence)
        self.path.pop()
        if isinstance(self.path[-1], int):
            self.before[len(self.path)] = ""
        return end

    def entries(self, position: int, stop: int, depth: int, *, is_sequence: bool) -> int:
        closing = "]" if is_sequence else "}"
        mark = _FLOW_MARK.match(self.text, position, stop)
        if mark and mark[1] == closing:
            return mark.end()
        while True:
            if not is_sequence:
                position = self.flow_key(position, stop)
            position = self.node(position, stop, depth + 1)
            mark = _FLOW_MARK.match(self.text, position, stop)
            if mark is None:
                raise _Declined
            position = mark.end()
            if mark[1] == closing:
                return position
            if mark[1] != ",":
                raise _Declined
            index = self.path[-1]
            if isinstance(index, int):
                self.path[-1] = index + 1

    def flow_key(self, position: int, stop: int) -> int:
        found = self.flow_scalar(position, stop)
        colon = _FLOW_COLON.match(self.text, found.end(), stop)
        key, style, begin, end = _flow_value(found)
        if colon is None or key in _NULL or end != found.end() or len(key) > _LONGEST_KEY:
            raise _Declined
        self.path[-1] = key
        if is_hinting(key) and self.interest.value.search(key):
            self.scalars.append(Scalar(key, style, begin, end, tuple(self.path), is_key=True))
        return colon.end()

    def flow_scalar(self, position: int, stop: int) -> re.Match[str]:
        found = _FLOW_SCALAR.match(self.text, position, stop)
        if found is None:
            raise _Declined
        return found


# Stands for a scalar whose value was not made: it is no flag, so nothing asks what it says.
_NOT_KNOWN = "\n"


def _flow_value(found: re.Match[str]) -> tuple[str, Style, int, int]:
    group = found.lastindex or 1
    raw = found[group]
    return (raw if group == 1 else _unquote(raw)), _FLOW_STYLES[group - 1], *found.span(group)


def _unquote(raw: str) -> str:
    """The value of a quoted scalar on one line."""
    inner = raw[1:-1]
    if raw[0] == "'":
        return inner.replace("''", "'")
    return re.sub(_ESCAPE, lambda found: unescape(found.group()[1:]), inner) if "\\" in inner else inner


@lru_cache(maxsize=64)
def _content(indent: int) -> re.Pattern[str]:
    """Lines that belong to a block scalar whose text begins at a column: deeper ones and blank ones."""
    return re.compile(rf"(?:\x20{{{indent}}}[^\n]*+(?:\n|\Z)|\x20*+\r?\n)*+")


def _block_value(raw: str, indent: int, header: str) -> str:
    """The value of a block scalar; a folded one with deeper lines is declined."""
    lines = [line.removesuffix("\r")[indent:] for line in raw.split("\n")]
    value = "\n".join(lines) if header[0] == "|" else _folded(lines)
    if header.endswith("+"):
        return value
    stripped = value.rstrip("\n")
    return stripped if header.endswith("-") or not value.endswith("\n") or not stripped else stripped + "\n"


def _folded(lines: list[str]) -> str:
    if any(line.startswith(" ") for line in lines):
        raise _Declined
    text = "\n".join(lines)
    return re.sub(r"(?<=[^\n])\n(\n*)(?=[^\n])", lambda found: found.group(1) or " ", text)
