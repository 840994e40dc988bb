"""The root mapping of a document: where its entries stand, and of what sort their values are."""

from collections.abc import Iterator
from typing import Any

from kubectl_tcr.readers import parsers
from kubectl_tcr.readers.parsers import Events
from kubectl_tcr.text.document import Outline, RootEntry

# The sorts of nodes, by the event that begins one; every parser's classes have these names.
_SORTS = {
    "MappingStartEvent": "mapping",
    "SequenceStartEvent": "sequence",
    "ScalarEvent": "scalar",
    "AliasEvent": "alias",
}
_ENDS = ("MappingEndEvent", "SequenceEndEvent")


def read(text: str) -> Outline | None:
    """The root mapping of a YAML document, None where the root is something else; raises ReadError."""
    return parsers.ask(text, lambda parser: _outline(parser.events(text)))


def _outline(events: Events) -> Outline | None:
    root: Any = None
    nodes: list[tuple[Any, int, tuple[str, ...]]] = []
    children: list[str] = []
    for depth, event, stop in _shallow(events):
        if depth == 2:
            children.append(_sort(event))
        elif depth == 1:
            nodes.append((event, stop, tuple(children)))
            children = []
        else:
            root = event
    if _sort(root) != "mapping":
        return None
    pairs = zip(nodes[::2], nodes[1::2], strict=True)
    entries = (_entry(key, value, stop, below) for (key, _, _), (value, stop, below) in pairs)
    return Outline(tuple(entries), bool(root.flow_style))


def _shallow(events: Events) -> Iterator[tuple[int, Any, int]]:
    """The nodes of the first three levels, each as it ends: its depth, its first event, where it stops."""
    around: list[Any] = []
    for event in events:
        first = event
        if type(event).__name__ in _ENDS:
            first = around.pop()
        elif _sort(event) in ("mapping", "sequence"):
            around.append(event)
            continue
        if _sort(first) and len(around) <= 2:
            yield len(around), first, event.end_mark.index


def _entry(key: Any, value: Any, stop: int, children: tuple[str, ...]) -> RootEntry:
    sort = _sort(value)
    children = children if sort == "sequence" else ()
    return RootEntry(str(getattr(key, "value", "")), _at(key), _at(value), stop, sort, children)


def _sort(event: Any) -> str:
    """What node an event begins; empty for one that begins none."""
    return _SORTS.get(type(event).__name__, "")


def _at(event: Any) -> int:
    index: int = event.start_mark.index
    return index
