"""The reference reader, on ruamel.yaml's event streams: C parser first, then the pure one.

The C parser wraps libyaml 0.1.7, which refuses some documents that kubectl accepts (plain
scalars with a colon inside flow collections), so what it refuses is read once more by the
pure parser; a document is broken only where both say so. Both yield nodes that kubectl
refuses (undefined aliases, null or collection keys); this reader refuses those too.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from kubectl_tcr.errors import ReadError
from kubectl_tcr.readers.interest import Interest, is_hinting
from kubectl_tcr.text.document import NULLS, Alias, Outline, Path, Reading, RootEntry, Scalar, Style

try:
    from _ruamel_yaml import CParser
except ImportError:  # no wheel for this platform: the pure parser does alone
    CParser = None

# kubectl's parser stops at this depth (goyaml.v2 scannerc.go, max_flow_level and max_indents).
DEEPEST = 10_000

_STYLES: dict[str | None, Style] = {
    None: "plain",
    "": "plain",
    "'": "single",
    '"': "double",
    "|": "literal",
    ">": "folded",
}
_FLOW_COLON = "found unexpected ':'"
# Half of a surrogate pair: the pure parser lets it pass, kubectl does not.
_BAD_ESCAPE = "found invalid Unicode character escape code"
_SURROGATE = re.compile("[\ud800-\udfff]")
_NULL = NULLS | {""}
_PROPERTIES = re.compile(r"(?:[&!]\S*+(?:\s++|\Z)(?:#[^\r\n]*+(?:\s++|\Z))*+)++")

Events = Iterator[Any]


class _ParserError(ReadError):
    """What a parser itself refused, as opposed to what kubectl refuses in its events."""


def parser_name() -> str:
    """Which parser reads first."""
    return "ruamel.yaml (pure Python)" if CParser is None else "ruamel.yaml.clib (C)"


def read(text: str, interest: Interest, *, is_embedded: bool = False) -> Reading:
    """Read one YAML document.

    A string that merely looks like a document (`is_embedded`) gets no second opinion of the pure
    parser, which is slow, unless for what the C parser is known to get wrong. Raises ReadError
    where the document is broken or kubectl would refuse it.
    """
    if CParser is None:
        return _read(_pure_events, text, interest)
    try:
        return _read(_c_events, text, interest)
    except _ParserError as error:
        if _BAD_ESCAPE in error.what or (is_embedded and _FLOW_COLON not in error.what):
            raise
        try:
            return _read(_pure_events, text, interest)
        except ReadError as other:
            # The C parser's complaint about colons in flow collections is never what is wrong.
            raise (other if _FLOW_COLON in error.what else error) from None


def load(text: str) -> tuple[Any, dict[Path, int]]:
    """Plain values of a small YAML document, and the 1-based line of every key and item by path.

    Builds nothing but strings, numbers, booleans, None, lists and dicts. Raises ReadError.
    """
    try:
        return _load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ReadError(_describe(error), mark.index if mark else 0) from None
    except YAMLError as error:
        raise ReadError(str(error).split("\n")[0], getattr(error, "position", 0)) from None
    except (ValueError, OverflowError) as error:  # an escape of a character that there is not
        raise ReadError(f"the parser cannot read it: {error}", 0) from None


def _load(text: str) -> tuple[Any, dict[Path, int]]:
    from kubectl_tcr.readers import values

    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False  # YAML allows them, and a warning of Python is nothing for users
    try:
        if text.count("[") + text.count("{") > values.DEEPEST:
            _check_depth(text, values.DEEPEST)
        return values.load(yaml.compose(text))
    except RecursionError:  # of the parser, which does not say where
        _check_depth(text, values.DEEPEST)
        raise ReadError("nested too deep", 0) from None


def _check_depth(text: str, deepest: int) -> None:
    """Refuse deep nesting as soon as the parser comes to it: composing it would take seconds first."""
    depth = 0
    for event in _pure_events(text):
        kind = type(event)
        depth += kind in (MappingStartEvent, SequenceStartEvent)
        depth -= kind in (MappingEndEvent, SequenceEndEvent)
        if depth > deepest:
            raise ReadError(f"nested deeper than {deepest} levels", _at(event))


def outline(text: str) -> Outline | None:
    """The root mapping of a YAML document, None where the root is something else.

    Raises ReadError.
    """
    if CParser is not None:
        try:
            return _outline(_c_events(text))
        except YAMLError:  # the pure parser has the last word
            pass
    try:
        return _outline(_pure_events(text))
    except YAMLError as error:
        raise ReadError("invalid YAML: " + str(error).split("\n")[0], 0) from None


_NODES = {MappingStartEvent: "mapping", SequenceStartEvent: "sequence", ScalarEvent: "scalar", AliasEvent: "alias"}


def _outline(events: Events) -> Outline | None:
    root: Any = None
    nodes: list[tuple[Any, int, tuple[str, ...]]] = []
    children: list[str] = []
    for depth, event, stop in _shallow(events):
        if depth == 2:
            children.append(_NODES[type(event)])
        elif depth == 1:
            nodes.append((event, stop, tuple(children)))
            children = []
        else:
            root = event
    if type(root) is not MappingStartEvent:
        return None
    pairs = zip(nodes[::2], nodes[1::2], strict=True)
    entries = (_entry(key, value, stop, below) for (key, _, _), (value, stop, below) in pairs)
    return Outline(tuple(entries), bool(root.flow_style))


def _shallow(events: Events) -> Iterator[tuple[int, Any, int]]:
    """The nodes of the first three levels, each as it ends: its depth, its first event, where it stops."""
    around: list[Any] = []
    for event in events:
        kind = type(event)
        if kind in (MappingStartEvent, SequenceStartEvent):
            around.append(event)
            continue
        first = event
        if kind in (MappingEndEvent, SequenceEndEvent):
            first = around.pop()
        elif kind not in _NODES:
            continue
        if len(around) <= 2:
            yield len(around), first, event.end_mark.index


def _entry(key: Any, value: Any, stop: int, children: tuple[str, ...]) -> RootEntry:
    node = _NODES[type(value)]
    return RootEntry(
        str(getattr(key, "value", "")), _at(key), _at(value), stop, node, children if node == "sequence" else ()
    )


def _c_events(text: str) -> Events:
    return iter(CParser(text).get_event, None)


def _pure_events(text: str) -> Events:
    return iter(YAML(typ="safe", pure=True).parse(text))


def _read(events: Callable[[str], Events], text: str, interest: Interest) -> Reading:
    try:
        return _Walk(text, interest).run(events(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _ParserError(_describe(error), mark.index if mark else 0) from None
    except YAMLError as error:
        raise _ParserError("invalid YAML: " + str(error).split("\n")[0], getattr(error, "position", 0)) from None
    except (ValueError, OverflowError) as error:
        raise _ParserError(f"the parser cannot read it: {error}", 0) from None


def _describe(error: MarkedYAMLError) -> str:
    parts = [str(part) for part in (error.context, error.problem) if part]
    return "invalid YAML: " + ", ".join(parts)


class _Walk:
    """One pass over the events of a document.

    `path` has an entry for every open collection: the index of the current item, or the
    current key, None while a mapping waits for its next key.
    """

    def __init__(self, text: str, interest: Interest) -> None:
        self.text = text
        self.interest = interest
        self.path: list[str | int | None] = []
        self.before: dict[int, str] = {}
        self.scalars: list[Scalar] = []
        self.aliases: list[Alias] = []
        self.anchors: dict[str, tuple[Path, str | None, int]] = {}
        self.open: list[tuple[int, str]] = []

    def run(self, events: Events) -> Reading:
        handlers: dict[type, Callable[[Any], None]] = {
            ScalarEvent: self.scalar,
            MappingStartEvent: self.start_mapping,
            SequenceStartEvent: self.start_sequence,
            MappingEndEvent: self.end,
            SequenceEndEvent: self.end,
            AliasEvent: self.alias,
            DocumentStartEvent: self.directives,
        }
        path, keys, maps = self.path, self.interest.keys | {"name"}, self.interest.maps
        for event in events:
            kind = type(event)
            # Most scalars of any document cannot matter: they take the short way.
            if kind is ScalarEvent and path and event.anchor is None and not is_hinting(event.value):
                last, value = path[-1], event.value
                if last is None and value not in _NULL:
                    path[-1] = value
                    continue
                if last.__class__ is str and last not in keys and not (maps and len(path) > 1 and path[-2] in maps):
                    path[-1] = None
                    continue
            handle = handlers.get(kind)
            if handle:
                handle(event)
            elif kind is StreamEndEvent or (kind is DocumentEndEvent and event.explicit):
                break
        end = event.end_mark.index if kind is DocumentEndEvent else -1
        return Reading(tuple(self.scalars), tuple(self.aliases), end)

    def scalar(self, event: Any) -> None:
        path, value = self.path, event.value
        if path and path[-1] is None:
            self.key(event)
            return
        where: Path = tuple(path)  # type: ignore[arg-type]
        anchor = event.anchor
        # What an anchor holds may be named by another owner elsewhere.
        is_named = bool(self.open) and where[-1] == "name"
        if anchor is not None or (value and (is_named or self.interest.wants(value, where))):
            self.emit(event, where, is_key=False)
        self.advance(value)

    def key(self, event: Any) -> None:
        value = event.value
        if event.style in (None, "") and value in _NULL and event.tag is None:
            raise ReadError("a mapping key is null; kubectl refuses it, quote the key or give it a name", _at(event))
        self.path[-1] = value
        if event.anchor is not None or (is_hinting(value) and self.interest.finds(value)):
            where: Path = tuple(self.path)  # type: ignore[arg-type]
            self.emit(event, where, is_key=True)

    def emit(self, event: Any, where: Path, *, is_key: bool) -> None:
        start, stop = event.start_mark.index, event.end_mark.index
        if event.anchor is not None or event.tag is not None:
            properties = _PROPERTIES.match(self.text, start, stop)
            start = properties.end() if properties else start
        before = self.before.get(len(where), "") if where and isinstance(where[-1], int) else ""
        if event.anchor is not None:
            self.anchors[event.anchor] = (where, event.value, start)
        if _SURROGATE.search(event.value):
            raise ReadError("an escape of half a character (\\ud83d); kubectl refuses it in YAML", _at(event))
        tag = "" if event.tag is None else str(event.tag)
        self.scalars.append(Scalar(event.value, _STYLES[event.style], start, stop, where, is_key, before, tag))

    def start_mapping(self, event: Any) -> None:
        self.start(event, None)

    def start_sequence(self, event: Any) -> None:
        self.start(event, 0)
        self.before[len(self.path)] = ""

    def start(self, event: Any, first: int | None) -> None:
        path = self.path
        if path and path[-1] is None:
            raise ReadError(
                "a mapping key is a collection; kubectl refuses it "
                "(an unquoted {{ }} of an unrendered template reads like this)",
                _at(event),
            )
        if len(path) >= DEEPEST:
            raise ReadError(f"nested deeper than {DEEPEST} levels; kubectl refuses it", _at(event))
        if event.anchor is not None:
            self.anchors[event.anchor] = (tuple(path), None, -1)  # type: ignore[arg-type]
            self.open.append((len(path), event.anchor))
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
                self.before[len(path)] = value
            else:
                path[-1] = None

    def alias(self, event: Any) -> None:
        name, path = event.anchor, self.path
        if name not in self.anchors:
            raise ReadError(f"alias *{name} is not defined in this document; define &{name} in front of it", _at(event))
        if any(name == anchor for _, anchor in self.open):
            raise ReadError(f"anchor &{name} contains itself; kubectl refuses it", _at(event))
        target, value, origin = self.anchors[name]
        is_key = bool(path) and path[-1] is None
        if is_key:
            if value is None:
                raise ReadError(f"alias *{name} makes a collection a mapping key; kubectl refuses it", _at(event))
            path[-1] = value
        where: Path = tuple(path)  # type: ignore[arg-type]
        self.aliases.append(Alias(event.start_mark.index, event.end_mark.index, where, target, is_key, origin))
        if not is_key:
            self.advance(value or "")

    def directives(self, event: Any) -> None:
        if getattr(event, "version", None) or getattr(event, "tags", None):
            raise ReadError("directives such as %YAML are refused by kubectl; delete the line", _at(event))


def _at(event: Any) -> int:
    index: int = event.start_mark.index
    return index
