"""The nodes of a document by their paths: strings, mappings, and aliases that are followed and not expanded."""

from collections.abc import Iterator
from typing import Any, TypeAlias

from kubectl_tcr.text.document import MERGE, Path, Reading

# A scalar, a mapping (or a list, whose keys are numbers), or an alias: the path of what it repeats.
Node: TypeAlias = "str | Map | Path"
Map: TypeAlias = "dict[str | int, Node]"
# No chain of aliases is as long.
_LONGEST_CHAIN = 8


class Tree:
    """The nodes of a document by path; an alias is the path of what it repeats."""

    def __init__(self, root: Map) -> None:
        self.root = root
        # What aliases lead to: a document may have them by the thousand.
        self._led: dict[Path, Node | None] = {}

    def _resolved(self, node: "Node | None") -> "Node | None":
        """A node, or what the alias there repeats."""
        for _ in range(_LONGEST_CHAIN):
            if not isinstance(node, tuple):
                return node
            target: Node | None = self.root
            for part in node:
                target = self.below(target).get(part) if isinstance(target, (dict, tuple)) else None
            node = target
        return None

    def below(self, node: "Node | None") -> Map:
        """What stands in a mapping or a list, merged keys included; nothing for anything else."""
        found = node if isinstance(node, dict) else self._resolved(node) if isinstance(node, tuple) else None
        if not isinstance(found, dict):
            return {}
        if MERGE not in found:
            return found
        merge = self._resolved(found[MERGE])
        several = isinstance(merge, dict) and all(isinstance(key, int) for key in merge)
        sources = merge.values() if several and isinstance(merge, dict) else (merge,)
        inherited: Map = {}
        for source in reversed(tuple(sources)):
            one = self._resolved(source)
            inherited |= {key: value for key, value in one.items() if key != MERGE} if isinstance(one, dict) else {}
        return inherited | {key: value for key, value in found.items() if key != MERGE}

    def at(self, node: "Node | None", *keys: str) -> "Node | None":
        """The node behind some keys, None where there is none."""
        for key in keys:
            node = self.below(node).get(key)
        return self._resolved(node)

    def text(self, node: "Node | None", *keys: str) -> str:
        """The scalar behind some keys, empty where there is none."""
        found = self.at(node, *keys)
        return found if isinstance(found, str) else ""

    def items(self, node: "Node | None") -> Iterator[Map]:
        """The items of a list that are mappings."""
        for key, item in self.below(node).items():
            if isinstance(key, int):
                found = self._resolved(item)
                if isinstance(found, dict):
                    yield self.below(found)


def of_reading(reading: Reading) -> Tree:
    """The nodes of a document that a reader saw all scalars of."""
    root: Map = {}
    for scalar in reading.scalars:
        if scalar.path and not scalar.is_key:
            _put(root, scalar.path, scalar.value)
    for alias in reading.aliases:
        if alias.path and not alias.is_key:
            _put(root, alias.path, alias.target)
    return Tree(root)


def _put(root: Map, path: Path, value: Node) -> None:
    node = root
    for part in path[:-1]:
        below = node.setdefault(part, {})
        if not isinstance(below, dict):
            below = node[part] = {}
        node = below
    node[path[-1]] = value


def of_values(value: Any) -> Tree:
    """The nodes of plain values, as a JSON document has them, however deep they are."""
    top: Map = {}
    waiting: list[tuple[Map, str | int, Any]] = [(top, "", value)]
    while waiting:
        node, key, found = waiting.pop()
        if isinstance(found, (dict, list)):
            below: Map = {}
            node[key] = below
            pairs = found.items() if isinstance(found, dict) else enumerate(found)
            waiting += [(below, name, inner) for name, inner in reversed(tuple(pairs))]
        else:
            node[key] = _scalar(found)
    root = top[""]
    return Tree(root if isinstance(root, dict) else {})


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
