"""Fields that an API declares to be container images; only there is a short name one."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubectl_tcr.document import Path
from kubectl_tcr.field_table import TABLE

_CONTAINER_LISTS = frozenset({"containers", "initContainers", "ephemeralContainers"})


class Field(NamedTuple):
    """A row of the table: where, and the API document that says so.

    In `path`, `[]` stands for any item, `{}` for any key, and a leading `**.` for any depth.
    `kind` is `*` for all kinds of the group. `when`, if given, is a `key=value` that must stand
    beside the field.
    """

    group: str
    kind: str
    path: str
    source: str = ""
    when: str = ""


class Fields:
    """A table of fields, indexed by the last key of their paths."""

    def __init__(self, rows: Iterable[Field]) -> None:
        self.rows = tuple(rows)
        self._by_key: dict[str, list[tuple[Field, tuple[str, ...]]]] = {}
        for row in self.rows:
            parts = split_path(row.path)
            self._by_key.setdefault(_last_key(parts), []).append((row, parts))

    @property
    def keys(self) -> frozenset[str]:
        """The last key of every path, but for `name`: that says too little on its own."""
        return frozenset(self._by_key) - {"name"}

    @property
    def groups(self) -> frozenset[str]:
        """Every API group with a row."""
        return frozenset(row.group for row in self.rows)

    def keys_of_group(self, group: str) -> frozenset[str]:
        """The last key of every path of an API group."""
        return frozenset(_last_key(split_path(row.path)) for row in self.rows if row.group == group)

    @property
    def maps(self) -> frozenset[str]:
        """The last key of every path that ends in any key below it."""
        return frozenset(_last_key(split_path(row.path)) for row in self.rows if row.path.endswith("{}"))

    @property
    def named(self) -> frozenset[str]:
        """The collections whose `name` some row declares."""
        return frozenset(_last_key(parts[:-1]) for _, parts in self._by_key.get("name", ()))

    def declares(self, group: str, kind: str, field: Path) -> Field | None:
        """The row that declares a field path (from the resource's root), if one does.

        The row's condition is not looked at.
        """
        for last in field[:-4:-1]:  # a path may end in an index or in any key
            for row, parts in self._by_key.get(str(last), ()):
                if row.group == group and row.kind in ("*", kind) and _matches(parts, field):
                    return row
        return None

    def extended(self, rows: Iterable[Field]) -> "Fields":
        """A table with rows added; this one where there are none."""
        added = tuple(rows)
        return Fields((*self.rows, *added)) if added else self


def _last_key(parts: tuple[str, ...]) -> str:
    return next((part for part in reversed(parts) if part not in ("[]", "{}")), "")


def split_path(path: str) -> tuple[str, ...]:
    """The parts of a path pattern.

    >>> split_path("**.steps[].image")
    ('**', 'steps', '[]', 'image')
    """
    return tuple(part for part in path.replace("[]", ".[]").replace("{}", ".{}").split(".") if part)


def _matches(parts: tuple[str, ...], field: Path) -> bool:
    if parts[:1] == ("**",):
        parts = parts[1:]
        field = field[len(field) - len(parts) :] if len(field) >= len(parts) else ()
    return len(parts) == len(field) and all(
        isinstance(have, int) if want == "[]" else want in ("{}", have) for want, have in zip(parts, field, strict=True)
    )


def is_container_image(path: Path) -> bool:
    """Whether a path ends like the image of a container or of an image volume (core/v1, any depth)."""
    if path[-1:] == ("image",):
        return len(path) > 2 and isinstance(path[-2], int) and path[-3] in _CONTAINER_LISTS
    return path[-2:] == ("image", "reference") and len(path) > 3 and isinstance(path[-3], int) and path[-4] == "volumes"


def parse_table(table: str) -> Iterator[Field]:
    """The rows of a table in the form of `field_table.TABLE`."""
    group = source = ""
    for line in table.splitlines():
        words = line.split()
        if not line.startswith(" "):
            group, source = words
        else:
            yield Field(group, words[0], words[1], source, words[2] if len(words) > 2 else "")


FIELDS = Fields(parse_table(TABLE))
