"""What a reader is asked for."""

import re

from kubectl_tcr.document import Path


class Interest:
    """Which scalars a reader must yield; it drops all others.

    A scalar that is not empty matters if it stands under one of `keys`, under any key of one of
    the mappings `maps`, under the key `name` of one of the collections `named`, or if `value` is
    found in it. Mapping keys matter if `value` is found in them, anchored scalars always. `value`
    is only looked for where `is_hinting` says so.
    """

    __slots__ = ("keys", "maps", "named", "value")

    def __init__(
        self, keys: frozenset[str], named: frozenset[str], maps: frozenset[str], value: re.Pattern[str]
    ) -> None:
        self.keys = keys
        self.named = named
        self.maps = maps
        self.value = value

    def wants(self, value: str, path: Path) -> bool:
        """Whether a scalar at `path` matters."""
        if is_hinting(value) and self.value.search(value):
            return True
        field = path[-1] if path else ""
        if isinstance(field, int):
            field = path[-2] if len(path) > 1 else ""
        if field in self.keys or (self.maps and path[-2:-1] and path[-2] in self.maps):
            return True
        return field == "name" and self._is_named(path)

    def _is_named(self, path: Path) -> bool:
        owner = path[-2] if len(path) > 1 else ""
        if isinstance(owner, int) and len(path) > 2:
            owner = path[-3]
        return owner in self.named


def is_hinting(value: str) -> bool:
    """Whether a string can hold a reference or a document with one: cheap, and true too often."""
    return "/" in value or "image" in value
