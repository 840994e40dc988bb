"""Places whose strings stay, whatever they look like, each with its reason."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from kubectl_tcr.kubernetes import keys
from kubectl_tcr.kubernetes.fields import lies_at, lies_below, split_path
from kubectl_tcr.kubernetes.roles import SECRET, Role, Stays
from kubectl_tcr.text.document import Path
from kubectl_tcr.text.tables import rows

# The kind of what declares other kinds.
DEFINITION = "CustomResourceDefinition"
CONFIG_GROUP = "kubectl-tcr"
NAME = "a name of the API, not an image"
ADDRESS = "the address of a repository, not an image"
MATCH_KEY = "a match key: must equal the resources it patches"
POLICY = "must match the images of other resources"
RUNNING = "must equal what an application runs"
PATTERN = "a pattern that a script looks for"
PUSHED = "pushed, not pulled: a push to a pull mirror fails"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# What stands in the table for a file without apiVersion and kind.
NO_KIND = "-"

_STATUS = Stays(Role.RECORD, "status is a record, not a wish")
_PAST = Stays(Role.RECORD, "a record of the past, not a wish")
_CONFIG = Stays(Role.MATCH, "the configuration of this tool")
_SCHEMA = Stays(Role.PROSE, "a schema, not a value")
_DOCUMENTATION = Stays(Role.PROSE, "documentation", yields=True)
_API_VERSION = Stays(Role.NAME, "an API version")
# Nobody pushes to a digest.
BUILT = Stays(Role.TARGET, PUSHED, unless="@", yields=True)
_ADDRESS = Stays(Role.ADDRESS, ADDRESS, yields=True)
_MATCHED = Stays(Role.MATCH, POLICY, yields=True)
# What a key says of a value, with a tag or without.
_OF_ROLES = {Role.PROSE: _DOCUMENTATION, Role.TARGET: BUILT, Role.MATCH: _MATCHED}


@lru_cache(maxsize=1024)
def _parts(path: str) -> tuple[str, ...]:
    return split_path(path.rstrip("=!"))


class Row(NamedTuple):
    """Kinds (all of a group where `kind` is `*`) whose fields at or below `path` stay.

    Fields below one of the keys in `but` are no part of it.
    """

    group: str
    kind: str
    path: str
    role: Role
    why: str
    but: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The last key of its path that is spelled out, empty for none."""
        keys = (
            part for part in reversed(_parts(self.path)) if part not in ("**", "[]", "{}", "()") and part[-1] != "*"
        )
        return next(keys, "")

    @property
    def stays(self) -> Stays:
        """What it says of a field."""
        mark = self.path[-1:]
        return Stays(self.role, self.why, "=" if mark == "=" else "", ":@" if mark == "!" else "", yields=True)

    def keeps(self, field: Path, kind: str) -> bool:
        """Whether a field of a kind stays by it."""
        parts = _parts(self.path)
        if self.kind not in ("*", kind) or any(key in field for key in self.but):
            return False
        return lies_at(parts, field) if self.path.endswith("=") else lies_below(parts, field)


def parse_rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of a table in the form of `exclusions.txt`; raises ValueError for a line of another form."""
    for line in lines:
        group, kind, path, but, role, why = (word.strip() for word in line.split("|"))
        yield Row(group, kind, path, Role(role), why, tuple(but.split()))


ROWS = tuple(parse_rows(rows("exclusions.txt", __file__)))
# With a key that a field must have, empty for none: most rows are ruled out by that alone.
_BY_GROUP: dict[str, list[tuple[str, Row]]] = {}
for _row in ROWS:
    _BY_GROUP.setdefault(_row.group, []).append((_row.key, _row))


# What was asked before: fields of many documents are the same ones.
_remembered = lru_cache(maxsize=4096)


@_remembered
def of_place(field: Path, group: str, kind: str) -> Stays | None:
    """Why a string at a field of the resource it stands in stays, None if it does not."""
    return of_resource(field, group, kind) or _of_field(field)


@_remembered
def of_resource(field: Path, group: str, kind: str) -> Stays | None:
    """Why a resource of a kind keeps its string at `field`, a path from its root; None if it does not.

    Where no kind is given, what the file is for is told by its fields alone.
    """
    found = (_record(field) or _kind(field, group, kind)) if kind else None
    return found or _in_table(field, group if kind else NO_KIND, kind or NO_KIND)


def _in_table(field: Path, group: str, kind: str) -> Stays | None:
    candidates = (*_BY_GROUP.get(group, ()), *_BY_GROUP["*"])
    return next((row.stays for key, row in candidates if (not key or key in field) and row.keeps(field, kind)), None)


def _record(field: Path) -> Stays | None:
    if field[:1] == ("status",):
        return _STATUS
    if field[:2] == ("metadata", "managedFields") or field[:3] == ("metadata", "annotations", LAST_APPLIED):
        return _PAST
    return None


def _kind(field: Path, group: str, kind: str) -> Stays | None:
    if kind == "Secret" and not group:
        return SECRET
    if group == CONFIG_GROUP:
        return _CONFIG
    if kind == DEFINITION and not _is_default(field):
        return _SCHEMA
    return None


def _is_default(field: Path) -> bool:
    """Whether a schema's field is (part of) a default: the API server fills those in."""
    return any(part == "default" and index > 0 and field[index - 1] != "properties" for index, part in enumerate(field))


def _of_field(field: Path) -> Stays | None:
    """Why a field of that name stays, in whatever resource, None if nothing says so."""
    if field[-1:] == ("apiVersion",):
        return _API_VERSION
    return _ADDRESS if keys.always(field) is Role.ADDRESS else _OF_ROLES.get(keys.of_path(field))  # type: ignore[arg-type]
