"""Plain values of a small document: from the nodes of ruamel.yaml to strings, numbers, lists and dicts.

Tags of YAML that make other objects are refused; dates and numbers that cannot be made stay text.
An alias repeats its node, so a few hundred bytes could make more entries than any memory holds:
how many nodes aliases may bring in is bounded, and so is the depth.
"""

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kubectl_tcr.errors import ReadError
from kubectl_tcr.readers import parsers
from kubectl_tcr.readers.tags import BOOLEANS
from kubectl_tcr.readers.tags import YAML as _YAML
from kubectl_tcr.text.document import Path

# As many nodes may come by aliases and merge keys; no configuration for people has a tenth of them.
MOST_REPEATED = 10_000
DEEPEST = 100

_MERGE = _YAML + "merge"
_COLLECTIONS = (_YAML + "map", _YAML + "seq")
_NO_STRINGS = ("null", "bool", "int", "float", "timestamp", "value")
# Longer numbers are text: Python makes none of more than 4,300 digits, and nobody means one.
_NUMBER = re.compile(r"[-+]?[0-9][0-9_]{0,30}(\.[0-9_]{0,30})?([eE][-+]?[0-9]{1,3})?")


def load(text: str) -> tuple[Any, dict[Path, int]]:
    """Plain values of a small YAML document, and the 1-based line of every key and item by path.

    Builds nothing but strings, numbers, booleans, None, lists and dicts. Raises ReadError.
    """
    pure = parsers.pure()
    try:
        return _load(text)
    except pure.refusals as error:
        raise parsers.refusal(error, text) from None


def _load(text: str) -> tuple[Any, dict[Path, int]]:
    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False  # YAML allows them, and a warning of Python is nothing for users
    try:
        if text.count("[") + text.count("{") > DEEPEST:
            _check_depth(text)
        node = yaml.compose(text)
        builder = _Builder()
        return (builder.value(node, ()) if node is not None else None), builder.lines
    except RecursionError:  # of the parser, which does not say where
        _check_depth(text)
        raise ReadError("nested too deep", 0) from None


def _check_depth(text: str) -> None:
    """Refuse deep nesting as soon as the parser comes to it: composing it would take seconds first."""
    depth = 0
    for event in parsers.pure().events(text):
        depth += isinstance(event, CollectionStartEvent)
        depth -= isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            raise ReadError(f"nested deeper than {DEEPEST} levels", _at(event))


class _Builder:
    """Makes values, and notes where they stand; `seen` are nodes met already, `open` those around the current one."""

    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._repeated = 0

    def value(self, node: Node, path: Path) -> Any:
        """The value of a node at a path."""
        self._count(node)
        if isinstance(node, ScalarNode):
            return _scalar(node)
        if str(node.tag) not in _COLLECTIONS:
            raise _refused(node)
        if id(node) in self._open:
            raise ReadError("an anchor that contains itself", _at(node))
        if len(self._open) >= DEEPEST:
            raise ReadError(f"nested deeper than {DEEPEST} levels", _at(node))
        self._open.add(id(node))
        make = self._mapping if isinstance(node, MappingNode) else self._sequence
        value = make(node, path)
        self._open.discard(id(node))
        return value

    def _count(self, node: Node) -> None:
        """Refuse an alias bomb while it is still small."""
        if id(node) in self._seen:
            self._repeated += 1
            if self._repeated > MOST_REPEATED:
                raise ReadError(f"aliases repeat more than {MOST_REPEATED} nodes; write them out", _at(node))
        self._seen.add(id(node))

    def _sequence(self, node: Any, path: Path) -> Any:
        items = []
        for index, item in enumerate(node.value):
            self.lines[*path, index] = _line(item)
            items.append(self.value(item, (*path, index)))
        return items

    def _mapping(self, node: Any, path: Path) -> Any:
        merged = self._inherited(node, path)
        made: dict[Any, Any] = {}
        for key_node, below in node.value:
            if str(key_node.tag) == _MERGE:
                continue
            key = self._key(key_node)
            if key in made:
                raise ReadError(f'duplicate key "{key}"; keep one', _at(key_node))
            self.lines[*path, str(key_node.value)] = _line(key_node)
            made[key] = self.value(below, (*path, str(key_node.value)))
        return {**merged, **made}

    def _inherited(self, node: MappingNode, path: Path) -> dict[Any, Any]:
        """What merge keys bring, the weakest first: values and lines of the strongest are then those that stay."""
        merged: dict[Any, Any] = {}
        for one in reversed(tuple(self._merged(node))):
            merged.update(self.value(one, path))
        return merged

    def _key(self, node: Node) -> Any:
        if not isinstance(node, ScalarNode):
            raise ReadError("a key is a collection", _at(node))
        return self.value(node, ())

    def _merged(self, node: MappingNode) -> Iterator[MappingNode]:
        """The mappings that a merge key names, the strongest first."""
        found = [(key, below) for key, below in node.value if str(key.tag) == _MERGE]
        if len(found) > 1:
            raise ReadError('duplicate key "<<"; keep one', _at(found[1][0]))
        for _, below in found:
            for one in below.value if isinstance(below, SequenceNode) else (below,):
                if not isinstance(one, MappingNode):
                    raise ReadError("a merge key takes mappings only", _at(one))
                yield one


def _scalar(node: ScalarNode) -> Any:
    """The value of a scalar; what would be no string, number, boolean or null stays text."""
    kind = str(node.tag).removeprefix(_YAML)
    text = _joined(node)
    if kind in ("str", "merge"):
        return text
    if kind not in _NO_STRINGS:
        raise _refused(node)
    if kind == "null":
        return None
    if kind == "bool":
        return BOOLEANS.get(text.lower(), text)
    return _number(text) if kind in ("int", "float") else text


def _joined(node: ScalarNode) -> str:
    """The text of a scalar; JSON spells a character beyond the first plane as two halves. Raises ReadError for one."""
    text: str = node.value
    if text.isascii():
        return text
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise ReadError("half of a character; write the whole, or its other half too", _at(node)) from None


def _number(text: str) -> int | float | str:
    if not _NUMBER.fullmatch(text):
        return text
    plain = text.replace("_", "")
    return int(plain) if plain.lstrip("+-").isdecimal() else float(plain)


def _refused(node: Node) -> ReadError:
    tag = str(node.tag).replace(_YAML, "!!")
    return ReadError(f"the YAML tag {tag} is none that a configuration has; leave it out", _at(node))


def _at(node: Any) -> int:
    index: int = node.start_mark.index
    return index


def _line(node: Node) -> int:
    line: int = node.start_mark.line
    return line + 1
