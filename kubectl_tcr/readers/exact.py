"""The reference reader, on the events of a YAML parser: libyaml first, then one in pure Python.

libyaml refuses a few documents that kubectl accepts: some are mended for it (`parsers.py`), and what else it
refuses is read once more by the pure parser. A document is
broken only where both say so. Both yield nodes that kubectl refuses (undefined aliases, null or
collection keys); this reader refuses those too.
"""

import re
from collections.abc import Callable, Container
from typing import Any, NamedTuple

from kubectl_tcr.errors import ReadError
from kubectl_tcr.readers import parsers
from kubectl_tcr.readers.budget import Budget
from kubectl_tcr.readers.interest import Interest, is_hinting
from kubectl_tcr.readers.parsers import Events, Parser
from kubectl_tcr.readers.tags import NULL_KEY, YAML, is_merge
from kubectl_tcr.text.document import MERGE, MOST_BEFORE, NULLS, Alias, Path, Reading, Scalar, Style
from kubectl_tcr.text.spelling import behind_properties

_STYLES: dict[str | None, Style] = {
    None: "plain",
    "": "plain",
    "'": "single",
    '"': "double",
    "|": "literal",
    ">": "folded",
}
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NULL = NULLS | {""}
_ODD_KEYS = _NULL | {str(MERGE)}


def read(text: str, interest: Interest, *, is_embedded: bool = False) -> Reading:
    """Read one YAML document.

    A string that merely looks like a document (`is_embedded`) gets no second opinion of the pure
    parser, which is slow. Raises ReadError where the document is broken or kubectl would refuse it.
    """
    return parsers.ask(text, _walk(text, interest), is_embedded=is_embedded)


def read_first(text: str, interest: Interest) -> Reading:
    """Read one YAML document by the first parser alone, and as it is written; raises ReadError."""
    return parsers.ask_first(text, _walk(text, interest))


def _walk(text: str, interest: Interest) -> Callable[[Parser], Reading]:
    return lambda parser: _Walk(text, interest, parser.kinds).run(parser.events(text))


class _Matters(dict[str, bool]):
    """Whether what stands under a key matters, asked once for each."""

    def __init__(self, keys: Container[str]) -> None:
        super().__init__(name=True)
        self._keys = keys

    def __missing__(self, key: str) -> bool:
        self[key] = found = key in self._keys
        return found


class _Anchored(NamedTuple):
    """What an anchor stands for: its path, its value (None for a collection), where it starts (-1 for a collection)."""

    path: Path
    value: str | None
    origin: int
    is_null: bool = False


class _Walk:
    """One pass over the events of a document.

    `path` has an entry for every open collection: the index of the current item, or the
    current key, None while a mapping waits for its next key.
    """

    def __init__(self, text: str, interest: Interest, kinds: Any) -> None:
        self.text = text
        self.kinds = kinds
        self.interest = interest
        self.path: list[str | int | None] = []
        self.before: dict[int, list[str]] = {}
        self.scalars: list[Scalar] = []
        self.aliases: list[Alias] = []
        self.anchors: dict[str, _Anchored] = {}
        self.open: list[tuple[int, _Anchored]] = []
        self.budget = Budget(text)

    def run(self, events: Events) -> Reading:
        kinds = self.kinds
        handlers: dict[type, Callable[[Any], None]] = {
            kinds.ScalarEvent: self.scalar,
            kinds.MappingStartEvent: self.start_mapping,
            kinds.SequenceStartEvent: self.start_sequence,
            kinds.MappingEndEvent: self.end,
            kinds.SequenceEndEvent: self.end,
            kinds.AliasEvent: self.alias,
            kinds.DocumentStartEvent: self.directives,
        }
        scalar_event, document_end, stream_end = kinds.ScalarEvent, kinds.DocumentEndEvent, kinds.StreamEndEvent
        path, maps, matters = self.path, self.interest.maps, _Matters(self.interest.keys)
        for event in events:
            kind = type(event)
            # Most scalars of any document cannot matter: they take the short way.
            if kind is scalar_event and path and event.anchor is None and not is_hinting(event.value):
                last, value = path[-1], event.value
                if last is None and value not in _ODD_KEYS:
                    path[-1] = value
                    continue
                if isinstance(last, str) and not matters[last] and not (maps and len(path) > 1 and path[-2] in maps):
                    path[-1] = None
                    continue
            handle = handlers.get(kind)
            if handle:
                handle(event)
            elif kind is stream_end or (kind is document_end and event.explicit):
                break
        end = event.end_mark.index if kind is document_end else -1
        return Reading(tuple(self.scalars), tuple(self.aliases), end)

    def scalar(self, event: Any) -> None:
        path, value = self.path, event.value
        if path and path[-1] is None:
            self.key(event)
            return
        anchor = event.anchor
        # What an anchor holds may be named by another owner elsewhere.
        is_named = bool(self.open) and path[-1] == "name"
        if anchor is not None or (value and (is_named or self.interest.wants(value, path))):
            self.emit(event, tuple(path), is_key=False)  # type: ignore[arg-type]
        self.advance(value)

    def key(self, event: Any) -> None:
        value = event.value
        if event.style in (None, "") and value in _NULL and event.tag is None:
            raise ReadError(NULL_KEY, _at(event))
        self.path[-1] = MERGE if is_merge(event) else value
        if event.anchor is not None or (is_hinting(value) and self.interest.finds(value)):
            where: Path = tuple(self.path)  # type: ignore[arg-type]
            self.emit(event, where, is_key=True)

    def emit(self, event: Any, where: Path, *, is_key: bool) -> None:
        start, stop = event.start_mark.index, event.end_mark.index
        if event.anchor is not None or event.tag is not None:
            start = behind_properties(self.text, start, stop)
        is_item = bool(where) and isinstance(where[-1], int)
        before = tuple(self.before[len(where)][-MOST_BEFORE:]) if is_item else ()
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(where, event.value, start, _is_null(event))
        if _SURROGATE.search(event.value):
            raise ReadError("an escape of half a character (\\ud83d); kubectl refuses it in YAML", _at(event))
        self.budget.spend(where, start)
        tag = "" if event.tag is None else str(event.tag)
        self.scalars.append(Scalar(event.value, _STYLES[event.style], start, stop, where, is_key, before, tag))

    def start_mapping(self, event: Any) -> None:
        self.start(event, None)

    def start_sequence(self, event: Any) -> None:
        self.start(event, 0)
        self.before[len(self.path)] = []

    def start(self, event: Any, first: int | None) -> None:
        path = self.path
        if path and path[-1] is None:
            raise ReadError(
                "a mapping key is a collection; kubectl refuses it "
                "(an unquoted {{ }} of an unrendered template reads like this)",
                _at(event),
            )
        if len(path) >= parsers.DEEPEST:
            raise ReadError(parsers.TOO_DEEP, _at(event))
        if event.anchor is not None:
            anchored = self.anchors[event.anchor] = _Anchored(tuple(path), None, -1)  # type: ignore[arg-type]
            self.open.append((len(path), anchored))
        path.append(first)

    def end(self, _: Any) -> None:
        self.path.pop()
        if self.open and self.open[-1][0] == len(self.path):
            self.open.pop()
        self.advance("")

    def advance(self, value: str) -> None:
        path = self.path
        if path:
            last = path[-1]
            if type(last) is int:
                path[-1] = last + 1
                self.before[len(path)].append(value)
            else:
                path[-1] = None

    def alias(self, event: Any) -> None:
        name, path = event.anchor, self.path
        if name not in self.anchors:
            raise ReadError(f"alias *{name} is not defined in this document; define &{name} in front of it", _at(event))
        anchored = self.anchors[name]
        if any(anchored is one for _, one in self.open):  # not by its name, which a node inside may have anew
            raise ReadError(f"anchor &{name} contains itself; kubectl refuses it", _at(event))
        target, value, origin, is_null = anchored
        is_key = bool(path) and path[-1] is None
        if is_key:
            if value is None:
                raise ReadError(f"alias *{name} makes a collection a mapping key; kubectl refuses it", _at(event))
            if is_null:
                raise ReadError(NULL_KEY, _at(event))
            path[-1] = value
        where: Path = tuple(path)  # type: ignore[arg-type]
        self.budget.spend(where, _at(event))
        self.aliases.append(Alias(event.start_mark.index, event.end_mark.index, where, target, is_key, origin))
        if not is_key:
            self.advance(value or "")

    def directives(self, event: Any) -> None:
        if getattr(event, "version", None) or getattr(event, "tags", None):
            raise ReadError("directives such as %YAML are refused by kubectl; delete the line", _at(event))


def _is_null(event: Any) -> bool:
    """Whether a scalar is null: by its tag, or plain and spelled like it."""
    if event.tag is not None:
        return str(event.tag) == f"{YAML}null"
    return event.style in (None, "") and event.value in _NULL


def _at(event: Any) -> int:
    index: int = event.start_mark.index
    return index
