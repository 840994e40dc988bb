"""Fields and names that hold a registry or a namespace, to which names of images are appended."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from kubectl_tcr.kubernetes.fields import Field, Fields, split_path
from kubectl_tcr.kubernetes.tables import rows
from kubectl_tcr.text.document import Path
from kubectl_tcr.text.patterns import words

# How names of keys, flags and variables end that hold a prefix, in words: `hub`, `imageRegistry`, `REPO_PREFIX`.
_NAMES = (
    ("hub",), ("registry",), ("image", "prefix"), ("images", "prefix"), ("repository", "prefix"), ("repo", "prefix"),
    ("registry", "prefix"),
)  # fmt: skip
# What stands beside a registry that is logged in to.
LOGIN = frozenset({"username", "password", "auth"})


class Row(NamedTuple):
    """A field that holds a registry: what is appended to it, and a field that must be set as well (may be empty)."""

    field: Field
    is_namespaced: bool
    beside: Path


def parse_rows(lines: Iterable[str]) -> Iterator[Row]:
    """The rows of a table in the form of `prefixes.txt`; raises ValueError for a line of another form."""
    for line in lines:
        group, kind, path, children, beside, source = (word.strip() for word in line.split("|"))
        if children not in ("namespaced", "any"):
            raise ValueError(f"children are namespaced or any: {line}")
        yield Row(Field(group, kind, path, source), children == "namespaced", split_path(beside))


ROWS = {row.field: row for row in parse_rows(rows("prefixes.txt"))}
_FIELDS = Fields(ROWS)
# The last key of every row: what stands there must be read, though a bare host looks like nothing.
KEYS = _FIELDS.keys


def declared(group: str, kind: str, field: Path) -> Row | None:
    """The row that declares a field of a resource a registry, if one does."""
    return next((ROWS[row] for row in _FIELDS.declaring(group, kind, field)), None)


@lru_cache(maxsize=1024)
def is_name(name: str) -> bool:
    """Whether a key, a flag or a variable of that name holds a prefix.

    >>> [is_name(name) for name in ("hub", "imageRegistry", "--repo-prefix", "ISTIO_HUB", "image", "github")]
    [True, True, True, True, False, False]
    """
    ours = words(name)
    return any(ours[-len(end) :] == end for end in _NAMES)
