"""Fields that an API declares to be container images; only there is a short name one."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from kubectl_tcr.text.document import Path
from kubectl_tcr.text.patterns import lazy
from kubectl_tcr.text.tables import rows

_CONTAINER_LISTS = frozenset({"containers", "initContainers", "ephemeralContainers"})


class Field(NamedTuple):
    """A row of the table: where, and the API document that says so.

    In `path`, `[]` stands for any item, `{}` for any key, a leading `**.` for any depth, and `['a.b/c']` for
    a key with dots. `group` and `kind` are `*` for all. `when`, if given, is a `key=value` that must stand
    beside the field, or a `--flag` that must stand in front of an item, or in it behind which `=` follows.
    In front of the key `../` climbs to the mapping around, and `!=` says that it must not be so.
    `why` are the signs by which a row was learned.
    """

    group: str
    kind: str
    path: str
    source: str = ""
    when: str = ""
    is_users: bool = False
    why: str = ""


class Fields:
    """A table of fields, looked up by group and by the last key of their paths.

    Kinds are compared in any case of letters: an API has no two that differ in that alone. What may be an image and
    is not certain stands in `suspected`; it is never edited. `kinds` are those whose schema is known, rows or not, as
    group and kind.
    """

    def __init__(
        self, rows: Iterable[Field], suspected: Iterable[Field] = (), kinds: Iterable[tuple[str, str]] = ()
    ) -> None:
        self.rows = tuple(rows)
        self.suspected = tuple(suspected)
        self.kinds = frozenset(kinds)
        self._of_group: dict[str, list[Field]] = {}
        for row in self.rows:
            self._of_group.setdefault(row.group, []).append(row)
        # Paths are taken apart for the groups that occur only: a run sees few of them.
        self._indexed: dict[str, _Index] = {}
        self._doubted = Fields(self.suspected) if self.suspected else None

    @property
    def keys(self) -> frozenset[str]:
        """The last key of every path, but for `name`: that says too little on its own."""
        keys = frozenset(map(_key_of, {row.path for row in self.rows})) - {"name"}
        return keys | self._doubted.keys if self._doubted else keys

    def keys_of_group(self, group: str) -> frozenset[str]:
        """The last key of every path of an API group."""
        keys = frozenset(_key_of(row.path) for row in self._of_group.get(group, ()))
        return keys | self._doubted.keys_of_group(group) if self._doubted else keys

    @property
    def maps(self) -> frozenset[str]:
        """The last key of every path that ends in any key below it."""
        maps = frozenset(_key_of(row.path) for row in self.rows if row.path.endswith("{}"))
        return maps | self._doubted.maps if self._doubted else maps

    @property
    def conditions(self) -> frozenset[str]:
        """The key of every condition; what stands under it must be read too."""
        simple = (row.when for row in self.rows if row.when and not is_flag(row.when) and not row.when.startswith(UP))
        return frozenset(condition(when).key for when in simple)

    @property
    def conditions_of_groups(self) -> dict[str, frozenset[str]]:
        """The keys of conditions further up, by group: they are read in documents that name the group only."""
        found: dict[str, frozenset[str]] = {}
        for row in self.rows:
            if row.when.startswith(UP):
                found[row.group] = found.get(row.group, frozenset()) | {condition(row.when).key}
        return found

    @property
    def named(self) -> frozenset[str]:
        """The collections whose `name` some row declares."""
        owners = {row.path for row in self.rows if row.path.endswith("name") and _key_of(row.path) == "name"}
        named = frozenset(_last_key(split_path(path)[:-1]) for path in owners)
        return named | self._doubted.named if self._doubted else named

    def declaring(self, group: str, kind: str, field: Path) -> Iterator[Field]:
        """The rows that declare a field path (from the resource's root), on whatever condition."""
        kinds = dict.fromkeys(("*", kind.lower()))
        for last in field[:-4:-1]:  # a path may end in an index or in any key
            for index in (self._index("*"), self._index(group)) if group != "*" else (self._index("*"),):
                for one in kinds:
                    for row, parts in index.get((str(last), one), ()):
                        if _matches(parts, field):
                            yield row

    def doubting(self, group: str, kind: str, field: Path) -> Iterator[Field]:
        """The rows that hold it for possible that a field is an image."""
        return self._doubted.declaring(group, kind, field) if self._doubted else iter(())

    def knows(self, group: str, kind: str) -> bool:
        """Whether some row is about a kind of an API group, or its schema is known."""
        return (group, kind) in self.kinds or any(
            row.kind == "*" or row.kind.lower() == kind.lower() for row in self._of_group.get(group, ())
        )

    def is_insisted(self, group: str, kind: str, field: Path) -> bool:
        """Whether the user declares a field, and says of which group."""
        return any(row.is_users and row.group != "*" for row in self.declaring(group, kind, field))

    def extended(
        self, rows: Iterable[Field], suspected: Iterable[Field] = (), kinds: Iterable[tuple[str, str]] = ()
    ) -> "Fields":
        """A table with rows added; this one where there are none.

        What the table says already it says but once, so a row that was copied out of it means no more than it did. What
        is declared is not suspected.
        """
        has = dict(zip(map(_place, self.rows), self.rows, strict=True))
        before = len(has)
        for row in rows:
            has.setdefault(_place(row), row)
        added = list(has.values())[before:]
        doubted = [row for row in suspected if _place(row) not in has]
        known = self.kinds.union(kinds)
        if not added and not doubted and known == self.kinds:
            return self
        return Fields((*self.rows, *added), (*self.suspected, *doubted), known)

    def _index(self, group: str) -> "_Index":
        found = self._indexed.get(group)
        if found is None:
            found = {}
            for row in self._of_group.get(group, ()):
                parts = split_path(row.path)
                found.setdefault((_last_key(parts), row.kind.lower()), []).append((row, parts))
            if group in self._of_group:  # what a stream names is bounded by nothing
                self._indexed[group] = found
        return found


# The rows of a group by the last key of their paths and their kind in lower case, each with the parts of its path.
_Index = dict[tuple[str, str], list[tuple[Field, tuple[str, ...]]]]


def _place(row: Field) -> tuple[str, str, str, str]:
    """What a row is about, whoever says it."""
    return row.group, row.kind.lower(), row.path, row.when


def _key_of(path: str) -> str:
    """The last key of a path pattern; most are told without taking it apart.

    >>> [_key_of(path) for path in ("spec.image", "spec.images[]", "images.{}", "metadata.annotations['a.b/c']")]
    ['image', 'images', 'images', 'a.b/c']
    """
    last = path.rpartition(".")[2]
    return last if last.isidentifier() else _last_key(split_path(path))


# A key of a path pattern: no mark of the pattern, no quote, no blank.
_KEY = r"[^.\[\]{}*'\"\s]++"
# A key with any characters but its quote and blanks, as reports write it.
_QUOTED_KEY = r"\[(?:'[^'\s]++'|\"[^\"\s]++\")\]"
_PATH = lazy(rf"(?:\*\*\.)?{_KEY}(?:\[\]|\.?\{{\}}|{_QUOTED_KEY}|\.{_KEY})*+")
_PARTS = lazy(rf"\*\*|\[\]|\{{\}}|\(\)|{_QUOTED_KEY}|{_KEY}")
# A key that is a condition of a Kyverno patch, `(image)`, for all of it `<(image)`; `+(image)` is a value to add.
_ANCHORED = lazy(r"[<=^X]?\(.+\)")
_KIND = lazy(r"\*|[A-Za-z][A-Za-z0-9-]*+")
_GROUP = lazy(r"(?:[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+)?")
# What is written for the core group, and is no group: its version, or how it is called.
_CORE = lazy(r"core|v\d+(?:(?:alpha|beta)\d+)?")
_WHEN = lazy(r"--[A-Za-z][\w.-]*+|(?!-)[^=\s]++=\S++")
_WILD = ("[]", "{}")
# What says nothing about the name below it.
_OWNERLESS = frozenset({*_WILD, "**"})
_IDENTITY = frozenset({"apiVersion", "kind"})
# Marks of other languages for paths, and what this one says in their place.
_FOREIGN = (
    (lazy(r"\[['\"]"), "has a key in brackets that is cut short, empty, first or with blanks in it"),
    (lazy(r"\[(?!\])"), "names one item; [] stands for any item"),
)


UP = "../"


class Condition(NamedTuple):
    """A condition of a row: so many mappings further up, a key must have a value, or must not."""

    ups: int
    key: str
    value: str
    is_negated: bool


def condition(when: str) -> Condition:
    """A condition taken apart.

    >>> condition("../type!=build")
    Condition(ups=1, key='type', value='build', is_negated=True)
    """
    key, _, value = when.partition("=")
    inner = key.replace(UP, "")
    return Condition(key.count(UP), inner.removesuffix("!"), value, inner.endswith("!"))


class Flaw(NamedTuple):
    """Why a row can never match: which part of it, and what is wrong with that."""

    key: str
    what: str


def flaw(row: Field) -> Flaw | None:
    """Why no document can hold a field that a row declares, or no reader yields it; None for a sound row."""
    if "/" in row.group:
        return Flaw("group", f"has a version; write {row.group.partition('/')[0]}")
    if _CORE.fullmatch(row.group):
        return Flaw("group", "stands for the core group, whose name is empty; write ''")
    if row.group != "*" and not _GROUP.fullmatch(row.group):
        return Flaw(
            "group", "is no API group; write one as in apps or example.com, '' for the core group, or * for all"
        )
    if not _KIND.fullmatch(row.kind):
        return Flaw("kind", "is no kind; write one as in Deployment, or * for all of the group")
    if row.when and not _WHEN.fullmatch(row.when):
        return Flaw(
            "when", "is no condition; write a key and its value, as in name=WORKER_IMAGE, or a flag as in --image"
        )
    what = flaw_of_path(row.path)
    if not what and is_flag(row.when) and not row.path.endswith("[]"):
        return Flaw("when", "is a flag, which stands in items only; write a path as in **.args[]")
    return Flaw("path", what) if what else None


def is_flag(condition: str) -> bool:
    """Whether a condition is a flag that must stand in front of an item."""
    return condition.startswith("-")


def flaw_of_path(path: str) -> str:
    """Why no field matches a path pattern, empty if one can."""
    if "**" in path.removeprefix("**."):
        return "has ** behind its front; only a leading **. stands for any depth"
    if not _PATH.fullmatch(path):
        whats = (what for mark, what in _FOREIGN if mark.search(path))
        return next(whats, "is no field path, as in spec.template.image")
    *above, last = parts = split_path(path)
    if parts[0] in _IDENTITY:
        return f"begins with {parts[0]}, which names the resource; write a field of it, as in spec.image"
    if "<<" in parts:
        return "has the merge key <<; write where the merged keys are seen"
    if last in _WILD and above[-1] in _WILD:
        return "ends in more than one [] or {}; name the key that holds the image"
    key = above[-1] if last in _WILD else last
    if key == "name" and last != "{}" and not _is_owned(above, last):
        return "ends in a name of anything; write the key above it, as in spec.images[].name"
    return ""


def _is_owned(above: Sequence[str], last: str) -> bool:
    """Whether a name belongs to a key, or to the items of one."""
    if last != "name":
        return False
    owners = above[:-1] if above[-1:] == ["[]"] else above
    return bool(owners) and owners[-1] not in _OWNERLESS


def _last_key(parts: tuple[str, ...]) -> str:
    return next((part for part in reversed(parts) if part not in ("[]", "{}")), "")


def split_path(path: str) -> tuple[str, ...]:
    """The parts of a path pattern.

    >>> split_path("**.steps[].image")
    ('**', 'steps', '[]', 'image')
    >>> split_path("metadata.annotations['a.b/c']")
    ('metadata', 'annotations', 'a.b/c')
    """
    return tuple(part[2:-2] if part[:2] in ("['", '["') else part for part in _PARTS.findall(path))


def _matches(parts: tuple[str, ...], field: Path) -> bool:
    if parts[:1] == ("**",):
        parts = parts[1:]
        field = field[len(field) - len(parts) :] if len(field) >= len(parts) else ()
    return len(parts) == len(field) and begins(parts, field)


def begins(parts: tuple[str, ...], field: Path) -> bool:
    """Whether a field path begins as the parts of a pattern say."""
    return len(field) >= len(parts) and all(
        isinstance(have, int) if want == "[]" else want in ("{}", have)
        for want, have in zip(parts, field, strict=False)
    )


def lies_below(parts: Sequence[str], field: Path) -> bool:
    """Whether a field lies at or below a pattern's path.

    Beside what paths of fields know, `**` may stand anywhere for any depth, `()` for any key in parentheses, and a
    `*` at the end of a key for any end of it.
    """
    return any(_reaches(parts, field))


def lies_at(parts: Sequence[str], field: Path) -> bool:
    """Whether a field lies at a pattern's path, in the language of `lies_below`."""
    return list(_reaches(parts, field))[-1]


def _reaches(parts: Sequence[str], field: Path) -> Iterator[bool]:
    """Whether a field's path, cut behind none of its parts, one of them and so on, is what a whole pattern says."""
    reached = _passed(parts, {0})
    yield len(parts) in reached
    for have in field:
        stay = {at for at in reached if at < len(parts) and parts[at] == "**"}
        reached = _passed(parts, stay | {at + 1 for at in reached if at < len(parts) and _is_one(parts[at], have)})
        yield len(parts) in reached


def _passed(parts: Sequence[str], reached: set[int]) -> set[int]:
    """Places in a pattern, and those behind a `**` that stands for nothing."""
    return reached | {at + 1 for at in reached if at < len(parts) and parts[at] == "**"}


def _is_one(want: str, have: str | int) -> bool:
    """Whether a part of a field's path is what a part of a pattern says; `**` is none of them."""
    if isinstance(have, int):
        return want in ("[]", "{}")
    if want == "()":
        return _ANCHORED.fullmatch(have) is not None
    return want in ("{}", have) or (want[-1] == "*" != want and want != "**" and have.startswith(want[:-1]))


def is_container_image(path: Path) -> bool:
    """Whether a path ends like the image of a container or of an image volume (core/v1, any depth)."""
    if path[-1:] == ("image",):
        return len(path) > 2 and isinstance(path[-2], int) and path[-3] in _CONTAINER_LISTS
    return path[-2:] == ("image", "reference") and len(path) > 3 and isinstance(path[-3], int) and path[-4] == "volumes"


def parse_table(lines: Iterable[str]) -> Iterator[Field]:
    """The rows of a table in the form of `fields.txt`; raises ValueError for a line of another form."""
    group = source = ""
    for line in lines:
        words = line.split()
        if not line.startswith(" "):
            group, source = words[0].strip('"'), words[1]
        else:
            kind, path, *when = words
            yield Field(group, kind, path, source, " ".join(when))


# Written by hand, and learned from public definitions (scripts/learn-fields.py).
FIELDS = Fields(row for name in ("fields.txt", "learned.txt") for row in parse_table(rows(name, __file__)))
