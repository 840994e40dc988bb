"""From documents to rows: what CustomResourceDefinitions say of the images in the resources that they define."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from kubectl_tcr.crds.judge import Verdict, judge
from kubectl_tcr.crds.schema import Definition, Leaf, definitions, interest, is_spelled, read, spelled
from kubectl_tcr.errors import InputError, Location, ReadError
from kubectl_tcr.kubernetes.exclusions import DEFINITION
from kubectl_tcr.kubernetes.fields import Field, flaw, is_container_image
from kubectl_tcr.kubernetes.roles import Role
from kubectl_tcr.text import stream
from kubectl_tcr.text.document import Path, position

# So many fields of one definition are told of; large ones have 200.
MOST_ROWS = 2_000
_SIGN = DEFINITION.encode()
_DISPUTED = "definitions disagree about it"


class Row(NamedTuple):
    """A field of a custom resource: what it is, whether that is declared or but suspected, why, and who says so."""

    group: str
    kind: str
    path: str
    role: Role
    is_certain: bool
    why: str
    source: str = ""

    @property
    def is_image(self) -> bool:
        """Whether a short name there is an image, certain or not."""
        return self.role is Role.IMAGE

    @property
    def field(self) -> Field:
        """The row of a table of fields."""
        return Field(self.group, self.kind, self.path, self.source, why=self.why)


class Learned(NamedTuple):
    """What was learned, what has to be told about it, and the group and kind of every definition.

    `complete` are those definitions that tell of every field, so that what they do not declare is no image.
    """

    rows: tuple[Row, ...] = ()
    warnings: tuple[str, ...] = ()
    definitions: frozenset[tuple[str, str]] = frozenset()
    complete: frozenset[tuple[str, str]] = frozenset()

    @property
    def declared(self) -> tuple[Field, ...]:
        """The fields that hold an image for certain."""
        return tuple(row.field for row in self.rows if row.is_image and row.is_certain)

    @property
    def suspected(self) -> tuple[Field, ...]:
        """The fields that may hold an image."""
        return tuple(row.field for row in self.rows if row.is_image and not row.is_certain)


def of_text(text: str, source: str = "") -> Learned:
    """What the definitions of one document say; raises ReadError."""
    rows: list[Row] = []
    warnings: list[str] = []
    seen: dict[tuple[str, str], bool] = {}
    for found in definitions(read(text, interest())):
        trouble = _trouble(found)
        place = found.group, found.kind
        name = f"{found.kind or 'a definition'} of {found.group or 'no group'}"
        warnings += [f"{source}: {name}: {one}" for one in ((trouble,) if trouble else found.troubles)]
        few: list[Row] = []
        if not trouble:
            few = list(islice(_rows(found, source), MOST_ROWS + 1))
            rows += few[:MOST_ROWS]
            if len(few) > MOST_ROWS:
                warnings.append(
                    f"{source}: {name}: more than {MOST_ROWS} of its fields may be images; the rest is left out"
                )
        is_complete = found.is_complete and not trouble and len(few) <= MOST_ROWS
        seen[place] = seen.get(place, True) and is_complete
    return Learned(tuple(rows), tuple(warnings), frozenset(seen), frozenset(one for one in seen if seen[one]))


def of_stream(chunks: Iterable[bytes], name: str) -> Learned:
    """What the definitions of a stream say, whatever else it holds; raises InputError."""
    _, text = stream.decode(chunks, name)
    parts = []
    for document in stream.split(text, name):
        if _SIGN in document.body:
            body = document.body.decode().removeprefix("\ufeff")
            try:
                parts.append(of_text(body, name))
            except ReadError as error:
                line, column = position(body, error.offset)
                raise InputError(
                    error.what, Location(name, document.line + line - 1, column, document.number)
                ) from None
    return joined(parts)


def joined(parts: Iterable[Learned]) -> Learned:
    """What several documents say together: the union, but for what they disagree about."""
    rows: dict[tuple[str, str, str], Row] = {}
    warnings: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    partial: set[tuple[str, str]] = set()
    for part in parts:
        seen |= part.definitions
        partial |= part.definitions - part.complete
        warnings |= dict.fromkeys(part.warnings)
        for row in part.rows:
            place = row.group, row.kind.lower(), row.path
            known = rows.get(place)
            if known and known.why == _DISPUTED:
                continue
            if known and known.is_image is not row.is_image:
                warnings[_disagreement(known, row)] = None
                rows[place] = known._replace(role=Role.IMAGE, is_certain=False, why=_DISPUTED)
            elif known is None or (row.is_certain and not known.is_certain):
                rows[place] = row
    return Learned(tuple(rows.values()), tuple(warnings), frozenset(seen), frozenset(seen - partial))


def _disagreement(one: Row, other: Row) -> str:
    return (
        f"{other.source}: {one.kind} of {one.group}: {one.path} is {_called(other)} here ({other.why}) and "
        f"{_called(one)} in {one.source} ({one.why}); declare it with a row of fields if it is an image"
    )


def _called(row: Row) -> str:
    return "an image" if row.is_image else f"no image but a {row.role.value}"


def _trouble(found: Definition) -> str:
    """What keeps a definition from having rows at all, empty if nothing does."""
    if not found.group or not found.kind:
        return "it lacks spec.group or spec.names.kind, so nothing is learned from it"
    wrong = flaw(Field(found.group, found.kind, "spec"))
    return f"its {wrong.key} {wrong.what}" if wrong else ""


def _rows(found: Definition, source: str) -> Iterator[Row]:
    for leaf in found.leaves:
        verdict = None if _is_known_anyway(leaf) else judge(leaf)
        if verdict and is_spelled(leaf.path):
            yield row(leaf, verdict, source)


def row(leaf: Leaf, verdict: Verdict, source: str) -> Row:
    """The row that a verdict makes of a string."""
    return Row(leaf.group, leaf.kind, spelled(leaf.path), *verdict, source)


def _is_known_anyway(leaf: Leaf) -> bool:
    """Whether a path is one of a container in a list, which is an image in any resource."""
    path: Path = tuple(0 if part == "[]" else part for part in leaf.path)
    return is_container_image(path)
