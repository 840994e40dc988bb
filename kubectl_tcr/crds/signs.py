"""The words that tell what a string of a schema is: the table `signs.txt`, by what they say and where they stand."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from kubectl_tcr.text.tables import rows

# What names the registry of an image beside its other parts.
REGISTRIES = frozenset(
    {"registry", "registryUrl", "registryURL", "registryHost", "imageRegistry", "image_registry", "hub"}
)


class Sign(NamedTuple):
    """A row of the table: what some words say, and where they are looked for."""

    says: str
    where: str
    words: tuple[str, ...]


def parse_rows(lines: Iterable[str]) -> Iterator[Sign]:
    """The rows of a table in the form of `signs.txt`; raises ValueError for a line of another form."""
    for line in lines:
        says, where, names = (part.strip() for part in line.split("|"))
        yield Sign(says, where, tuple(name.strip() for name in names.split(",")))


@cache
def table() -> tuple[Sign, ...]:
    """All rows."""
    return tuple(parse_rows(rows("signs.txt", __file__)))


@cache
def names(says: str, where: str) -> frozenset[str]:
    """The keys, groups or words that say something at a place."""
    return frozenset(name for sign in table() if (sign.says, sign.where) == (says, where) for name in sign.words)


@cache
def ends(says: str, where: str) -> frozenset[tuple[str, ...]]:
    """The same, as the words of a name."""
    return frozenset(tuple(name.split()) for name in names(says, where))


@cache
def said(says: str) -> re.Pattern[str]:
    """The words of a description that say something, the longest first; nothing where there are none."""
    options = "|".join(sorted(map(re.escape, names(says, "says")), key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{options})(?![\w-])" if options else r"(?!)", re.IGNORECASE)
