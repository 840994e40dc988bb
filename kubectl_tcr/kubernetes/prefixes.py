"""Fields that hold a registry or a namespace, to which names of images are appended."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubectl_tcr.kubernetes.fields import Field, Fields, split_path
from kubectl_tcr.text.document import Path
from kubectl_tcr.text.tables import rows

# What stands beside a registry that is logged in to.
LOGIN = frozenset({"username", "password", "auth"})


class Row(NamedTuple):
    """A field that holds a registry: what is appended to it, and a field that must be set as well (may be empty).

    `home`, if given, is a path of a host below which names are looked for if the field holds that host alone.
    """

    field: Field
    is_namespaced: bool
    beside: Path
    home: str = ""

    @property
    def host(self) -> str:
        """The host of which alone names have a home of their own, empty for none."""
        return self.home.partition("/")[0]


def parse_rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of a table in the form of `prefixes.txt`; raises ValueError for a line of another form."""
    for line in lines:
        group, kind, path, children, beside, source = (word.strip() for word in line.split("|"))
        home = children if "/" in children else ""
        if not home and children not in ("namespaced", "any"):
            raise ValueError(f"children are namespaced, any or HOST/PATH: {line}")
        yield Row(Field(group, kind, path, source), children == "namespaced", split_path(beside), home)


ROWS = {row.field: row for row in parse_rows(rows("prefixes.txt", __file__))}
_FIELDS = Fields(ROWS)
# The last key of every row: what stands there must be read, though a bare host looks like nothing.
KEYS = _FIELDS.keys


def declared(group: str, kind: str, field: Path) -> Row | None:
    """The row that declares a field of a resource a registry, if one does."""
    return next((ROWS[row] for row in _FIELDS.declaring(group, kind, field)), None)
