r"""The block reader: plain block YAML, read by lines and without a YAML parser.

It takes documents whose every line fits a small grammar (`lines.py`) and stands where it may
(`columns.py`), and declines all others. Nothing is guessed. What it accepts, the exact reader
accepts, with the same scalars, spans and paths; `tests/test_block_reader.py` holds it to that
over all fixtures and their mutants.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from operator import length_hint

from kubectl_tcr.readers import flow
from kubectl_tcr.readers.columns import DEEPEST, FURTHER_ITEMS, After, Declined, State
from kubectl_tcr.readers.flow import unquote
from kubectl_tcr.readers.interest import Interest
from kubectl_tcr.readers.lines import (
    BLOCK,
    FURTHER_LINE,
    FURTHER_PART,
    OPEN_LINE,
    STYLES,
    Line,
    Lines,
    Need,
    Value,
)
from kubectl_tcr.text.document import MOST_BEFORE, Path, Reading, Scalar, Style
from kubectl_tcr.text.patterns import lazy

# Characters on which YAML parsers part, or which end lines for some of them: the document is declined.
_ODD = r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202f\ud800-\udfff\ufeff\ufffe\uffff]|\r(?!\n)"
_USUAL = bytes([ord("\n"), *range(ord(" "), 0x7F)])

_LINE_START = lazy(r"\n(\x20*+)[^\x20\r\n]")
_BLANK_LINES = lazy(r"(?:\x20*+\r?\n)*+")
_SPACES = lazy(r"\x20*+")
# Escapes that could hide a host or a slash.
_HIDING = lazy(r"\\[xuU/\r\n]")


def read(text: str, interest: Interest) -> Reading | None:
    """Read one YAML document, or decline it: None says nothing about whether it is valid."""
    if not _is_usual(text) and re.search(_ODD, text):
        return None
    lines = _lines(interest)
    if lines.automaton.is_full:
        lines.forget()
    try:
        return Reading(tuple(_Pass(text, lines).run()))
    except Declined:
        return None


def _is_usual(text: str) -> bool:
    """Whether a text is made of printable ASCII and line feeds, as most are: told much faster than by a pattern."""
    return text.isascii() and not text.encode().translate(None, _USUAL)


def _lines(interest: Interest) -> Lines:
    """What is remembered from document to document, by whoever is interested in the same."""
    if not isinstance(interest.memory, Lines):
        interest.memory = Lines(interest)
    return interest.memory


_ALWAYS, _NESTED = Need.ALWAYS, Need.NESTED


class _Pass:
    """One pass over the lines of a document.

    `path` has a place for every depth; how many of them count is for the state to say. `rest`
    are the lines that are still to be read.
    """

    def __init__(self, text: str, lines: Lines) -> None:
        self.text = text
        self.memory = lines
        self.interest = lines.interest
        self.lines = text.split("\n")
        self.rest = iter(self.lines)
        self.path: list[str | int] = [""] * (DEEPEST + 3)
        self.scalars: list[Scalar] = []
        # The item that was asked about last: its line, the column of its dash, and the items in front of it.
        self.asked: tuple[int, int, tuple[str, ...]] = (-1, 0, ())

    def run(self) -> list[Scalar]:
        """The scalars that matter."""
        remembered, dull, path, scalars = self.memory.known.get, self.memory.dull, self.path, self.scalars
        state = self.memory.automaton.start()
        stop = 0
        for raw in self.rest:
            start = stop
            stop += len(raw) + 1
            line = remembered(raw) or dull(raw) or self.unknown(raw, state)
            if line is None:
                state, stop = self.open_line(state, start, stop)
                continue
            # Plain tuples and no calls: this loop is where the time goes.
            shape, key, need, value = line
            state_behind, depth, items = state[shape]
            if items:
                if items is FURTHER_ITEMS:
                    self.further(raw, state)
                    continue
                self.count(items)
            path[depth] = key  # type: ignore[assignment]
            state = state_behind
            if need is _ALWAYS:
                kind, text, begin, end = value
                scalars.append(Scalar(text, STYLES[kind], start + begin, start + end, tuple(path[: depth + 1])))
                state = state.sealed
            elif need is _NESTED:
                stop = self.nested(value, state, start, stop)
            elif need:
                state = self.value(need, value, state, start)
        return scalars

    def unknown(self, raw: str, state: State) -> Line | None:
        """A line that is not remembered: None if it does not fit the grammar."""
        if state.after is After.MORE:
            text = raw.lstrip(" ")
            if len(raw) - len(text) > state.columns[-1] and text[:1] not in ("", "#", "\r"):
                return FURTHER_PART
        return None if raw in self.memory.known else self.memory.read(raw)

    def count(self, items: Iterable[tuple[int, bool]]) -> None:
        """Set the indexes of the items that a line begins."""
        path = self.path
        for depth, begins in items:
            index = path[depth]
            path[depth] = 0 if begins or not isinstance(index, int) else index + 1

    def where(self, state: State) -> Path:
        """The path of the value that stands where a state was reached."""
        return tuple(self.path[: len(state.columns)])

    def skip(self, start: int, stop: int) -> int:
        """Pass over the lines of a piece of the text, whose first is the next one; the offset behind them."""
        count = self.text.count("\n", start, stop) if stop < len(self.text) else len(self.lines)
        next(islice(self.rest, count, count), None)
        return stop

    def further(self, raw: str, state: State) -> None:
        """A further line of a plain scalar, which as a whole must not matter."""
        line = FURTHER_LINE.match(raw)
        # A colon in front makes a key of what the line above ends with.
        if line is None or line[2].startswith(":") or self.interest.wants(line[2], self.where(state)):
            raise Declined

    def open_line(self, state: State, start: int, stop: int) -> tuple[State, int]:
        """A quoted scalar that goes on for lines, all of them indented, and must not matter."""
        found = OPEN_LINE.match(self.text, start)
        if found is None:
            raise Declined
        shape, key = self.memory.open_line(found)
        behind, depth, items = state[shape]
        if items is FURTHER_ITEMS:
            raise Declined
        self.count(items)
        if key is not None:
            self.path[depth] = key
            self.memory.check_key(key)
        raw = found[4] or found[5]
        if any(len(start[1]) <= behind.columns[-1] for start in _LINE_START.finditer(raw)):
            raise Declined
        if _HIDING.search(raw) or self.interest.wants(unquote(raw), self.where(behind)):
            raise Declined
        return behind, self.skip(stop, found.end())

    # Values that may matter, of the line just read; `state` is the one reached, `begin` where the line begins.

    def value(self, need: Need, value: Value, state: State, begin: int) -> State:
        depth = len(state.columns)
        if need is Need.NAME and not self.is_named(depth):
            return state
        kind, text, start, stop = value
        where = tuple(self.path[:depth])
        if not text or (need is Need.ASK and not self.interest.wants(text, where)):
            return state
        before = self.before(state) if isinstance(where[-1], int) else ()
        self.scalars.append(Scalar(text, STYLES[kind], begin + start, begin + stop, where, False, before))
        return state.sealed

    def nested(self, value: Value, state: State, begin: int, end: int) -> int:
        """Read a flow collection, or a block scalar whose text begins at `end`; the offset behind it."""
        kind, text, start, stop = value
        if kind == BLOCK:
            return self.block(text, begin + start, end, state)
        self.scalars += flow.read(self.text, begin + start, begin + stop, list(self.where(state)), self.interest)
        return end

    def is_named(self, depth: int) -> bool:
        """Whether the key `name` at a depth names something that matters."""
        owner = self.path[depth - 2] if depth > 1 else ""
        if isinstance(owner, int) and depth > 2:
            owner = self.path[depth - 3]
        return owner in self.interest.named

    def before(self, state: State) -> tuple[str, ...]:
        """The items in front of the one whose line was just read; declined where one of them is not one line."""
        column, index = state.columns[-1], self.path[len(state.columns) - 1]
        if not isinstance(index, int) or not index:
            return ()
        own, items = -1, []
        is_whole = True  # no line was passed that belongs to the item whose first line comes next
        known, known_column, known_items = self.asked
        for number in range(len(self.lines) - length_hint(self.rest) - 1, -1, -1):
            raw = self.lines[number]
            text = raw.lstrip(" ")
            if text[:1] in ("", "#", "\r"):
                continue
            if len(raw) - len(text) > column:
                is_whole = False
                continue
            if own < 0:
                own = number
            else:
                items.append(self.memory.item(raw, column, is_whole=is_whole))
                if len(items) == min(index, MOST_BEFORE):
                    break
                if number == known and column == known_column:
                    items += reversed(known_items)
                    break
            is_whole = True
        else:
            raise Declined
        before = tuple(reversed(items[:MOST_BEFORE]))
        self.asked = (own, column, before)
        return before

    def block(self, header: str, start: int, begin: int, state: State) -> int:
        """Pass over the lines of a block scalar, the first of which begins at `begin`; the offset behind them."""
        text, parent = self.text, state.columns[-1]
        blank = _BLANK_LINES.match(text, begin)
        first = blank.end() if blank else begin
        spaces = _SPACES.match(text, first)
        indent = (spaces.end() if spaces else first) - first
        path = self.where(state)
        if indent <= parent or first + indent >= len(text):
            if header.endswith("+") and self.interest.wants("", path):
                raise Declined
            return self.skip(begin, first)
        if text[first + indent] == "\t":  # where the indentation is still looked for
            raise Declined
        if first > begin and max(len(line.rstrip("\r")) for line in text[begin:first].split("\n")) > indent:
            raise Declined
        content = _content(indent).match(text, first)
        stop = content.end() if content else first
        if self.interest.wants(text[first:stop], path):
            value = _block_value(text[begin:stop], indent, header)
            if value and self.interest.wants(value, path):
                style: Style = "folded" if header[0] == ">" else "literal"
                before = self.before(state) if isinstance(path[-1], int) else ()
                self.scalars.append(Scalar(value, style, start, stop, path, False, before))
        return self.skip(begin, stop)


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
        raise Declined
    text = "\n".join(lines)
    return re.sub(r"(?<=[^\n])\n(\n*)(?=[^\n])", lambda found: found.group(1) or " ", text)
