"""The ResourceList of KRM functions: what stands where in its text, and how results are added to it.

Its shape is that of Kustomize's functions-spec.md (cmd/config/docs/api-conventions): `items`,
`functionConfig` and `results`. Nothing but `results` is ever written here.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from kubectl_tcr.errors import InputError, Location, ReadError
from kubectl_tcr.readers import Interest, read_json, read_yaml
from kubectl_tcr.readers.aliases import Resolved
from kubectl_tcr.readers.outline import read as yaml_outline
from kubectl_tcr.text.document import NULLS, Outline, Path, Reading, RootEntry, position
from kubectl_tcr.text.splice import Edit, splice

GROUP = "config.kubernetes.io"
KIND = "ResourceList"

# Where an item came from; orchestrators write one pair, the other, or both (kyaml, kioutil.go).
PATHS = ("config.kubernetes.io/path", "internal.config.kubernetes.io/path")
INDEXES = ("config.kubernetes.io/index", "internal.config.kubernetes.io/index")

_NAMING: frozenset[Path] = frozenset(
    {
        ("apiVersion",),
        ("kind",),
        ("metadata", "name"),
        ("metadata", "namespace"),
        *(("metadata", "annotations", name) for name in (*PATHS, *INDEXES)),
    }
)
_INTEREST = Interest(
    frozenset({"apiVersion", "kind", "namespace", *PATHS, *INDEXES}),
    frozenset({"metadata"}),
    frozenset(),
    lambda _: False,
)
_NULL = NULLS | {""}
# What a double-quoted scalar may not hold unescaped, in YAML if not in JSON.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")

_NO_PLACE = "this spelling of a ResourceList leaves no place for results; write it as JSON or as block YAML"


class ResourceList(NamedTuple):
    """A document that is a ResourceList: its text, without byte order mark, and what stands where.

    `line` is the 1-based line of the stream on which the text begins.
    """

    file: str
    line: int
    text: str
    reading: Reading
    outline: Outline
    is_json: bool

    def entry(self, key: str) -> RootEntry | None:
        """A key of the root and its value, None where it is missing or null; the last one where it is repeated."""
        found = [entry for entry in self.outline.entries if entry.key == key]
        return found[-1] if found and not self._is_null(found[-1]) else None

    def value(self, entry: RootEntry) -> str:
        """The text of a value."""
        return self.text[entry.start : entry.stop]

    def _is_null(self, entry: RootEntry) -> bool:
        return entry.node == "scalar" and self.value(entry) in _NULL

    def names(self) -> dict[int, dict[str, str]]:
        """What names each item: apiVersion, kind, name, namespace, and the annotations of its file."""
        found: dict[int, dict[str, str]] = {}
        for scalar in self.reading.scalars:
            path = scalar.path
            if path[:1] == ("items",) and path[2:] in _NAMING and isinstance(path[1], int) and not scalar.is_key:
                found.setdefault(path[1], {})[str(path[-1])] = scalar.value
        return found

    def problem(self) -> str:
        """What is wrong with the items, empty if they are resources or there are none."""
        items = self.entry("items")
        if items is None:
            return ""
        if items.node != "sequence":
            return "items must be a list"
        names = self.names()
        for index, node in enumerate(items.children):
            # An alias may bring its keys along from elsewhere: nothing is said about those.
            if node != "alias" and not self.reading.aliases:
                missing = [key for key in ("apiVersion", "kind") if key not in names.get(index, {})]
                if node != "mapping" or missing:
                    return f"items[{index}] is no resource: it has no {' and no '.join(missing)}"
        return ""

    def with_results(self, edits: Sequence[Edit], results: Sequence[Mapping[str, Any]]) -> str:
        """The text with edits made and results added, each a line of JSON; results that are there already stay.

        Raises InputError where the spelling of the list leaves no safe place for them.
        """
        if not results:
            return splice(self.text, edits)
        text = splice(self.text, [*edits, self._adding([_dumped(result) for result in results])])
        if not self.is_json and (self.outline.is_flow or self._results()):
            self._verify(text, len(results))
        return text

    def _verify(self, text: str, count: int) -> None:
        """Read again what was put into an unusual spelling."""
        there = self.entry("results")
        wanted = count + (len(there.children) if there else 0)
        try:
            done = parse(text, self.file)
        except ReadError:
            done = None
        added = done.entry("results") if done else None
        if added is None or len(added.children) != wanted:
            raise InputError(_NO_PLACE, self._at(self.outline.entries[0].at))

    def _results(self) -> list[RootEntry]:
        return [entry for entry in self.outline.entries if entry.key == "results"]

    def _adding(self, items: Sequence[str]) -> Edit:
        there, found = self.entry("results"), self._results()
        if there is not None:
            return self._in_front(there, items)
        if found:
            start, stop = found[-1].start, found[-1].stop
            return Edit(start, stop, ("" if self.value(found[-1]) else " ") + f"[{', '.join(items)}]")
        if self.outline.is_flow:
            stop = self.outline.entries[-1].stop
            return Edit(stop, stop, f', "results": [{", ".join(items)}]')
        return self._block(items)

    def _in_front(self, there: RootEntry, items: Sequence[str]) -> Edit:
        """Put results in front of those that other functions have left."""
        mark = self.text[there.start : there.start + 1]
        if there.node == "sequence" and mark == "[":
            return Edit(there.start + 1, there.start + 1, ", ".join(items) + (", " if there.children else ""))
        if there.node == "sequence" and mark == "-":
            indent = " " * (there.start - self._line_start(there.start))
            lines = (f"- {item}{self._newline}{indent}" for item in items)
            return Edit(there.start, there.start, "".join(lines))
        raise InputError("results of a ResourceList must be a list without anchor or tag", self._at(there.at))

    def _block(self, items: Sequence[str]) -> Edit:
        """A new key in a block mapping: at its end, or above its last key where the end is not a whole line."""
        at = self.outline.entries[-1].at
        start = self._line_start(at)
        indent, newline = self.text[start:at], self._newline
        if indent.strip(" "):
            raise InputError(_NO_PLACE, self._at(at))
        lines = [f"{indent}results:", *(f"{indent}- {item}" for item in items)]
        if self.text.endswith("\n") and self.reading.end < 0:
            start = len(self.text)
        return Edit(start, start, "".join(line + newline for line in lines))

    def _line_start(self, offset: int) -> int:
        return self.text.rfind("\n", 0, offset) + 1

    @property
    def _newline(self) -> str:
        return "\r\n" if self.text.partition("\n")[0].endswith("\r") else "\n"

    def _at(self, offset: int) -> Location:
        line, column = position(self.text, offset)
        return Location(self.file, self.line + line - 1, column)


def parse(text: str, file: str, line: int = 1) -> ResourceList | None:
    """Read a document that begins on a line of a file, None where it is no ResourceList.

    Raises ReadError where it cannot be read.
    """
    reading, outline, is_json = _read(text)
    root = Resolved(reading)
    if outline is None or root.value(("kind",)) != KIND:
        return None
    if not str(root.value(("apiVersion",))).startswith(GROUP + "/"):
        return None
    return ResourceList(file, line, text, reading, outline, is_json)


def _read(text: str) -> tuple[Reading, Outline | None, bool]:
    if text.lstrip().startswith("{"):
        from kubectl_tcr.readers.json import outline as json_outline

        try:
            return read_json(text, _INTEREST), json_outline(text), True
        except ReadError:  # flow YAML, or nothing at all
            pass
    return read_yaml(text, _INTEREST), yaml_outline(text), False


def _dumped(result: Mapping[str, Any]) -> str:
    """A result in one line that is JSON and YAML alike."""
    text = json.dumps(result, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found.group()):04x}", text)
