"""What a reader is asked for."""

from collections.abc import Callable, Container, Sequence

_PARAMETERS = ("$0", "$1", "$2", "$@", "$*", "${1", "${@")


class Interest:
    """Which scalars a reader must yield; it drops all others.

    A scalar that is not empty matters if it stands under one of `keys`, under any key of one of
    the mappings `maps`, under the key `name` of one of the collections `named`, as an item under
    one of the keys `commands` that is one word or a script with arguments, or if `finds` finds
    something in it. Mapping keys matter if it does, anchored scalars always. `finds` is only asked
    where `is_hinting` says so, and must not depend on how white space is folded. `memory` is what a
    reader has learned by it, and belongs to one thread.
    """

    __slots__ = ("commands", "finds", "keys", "maps", "memory", "named")

    def __init__(
        self,
        keys: Container[str],
        named: Container[str],
        maps: frozenset[str],
        finds: Callable[[str], object],
        commands: Container[str] = (),
    ) -> None:
        self.keys = keys
        self.commands = commands
        self.named = named
        self.maps = maps
        self.finds = finds
        self.memory: object = None

    def wants(self, value: str, path: Sequence[str | int | None]) -> bool:
        """Whether a scalar at `path` matters."""
        if is_hinting(value) and self.finds(value):
            return True
        field = path[-1] if path else ""
        if isinstance(field, int):
            field = path[-2] if len(path) > 1 else ""
            if field in self.commands and _is_argument(value):
                return True
        if field in self.keys or (self.maps and path[-2:-1] and path[-2] in self.maps):
            return True
        return field == "name" and self._is_named(path)

    def _is_named(self, path: Sequence[str | int | None]) -> bool:
        owner = path[-2] if len(path) > 1 else ""
        if isinstance(owner, int) and len(path) > 2:
            owner = path[-3]
        return owner in self.named


def _is_argument(value: str) -> bool:
    """Whether a value is one word, or a script that takes arguments."""
    return len(value.split(None, 1)) == 1 or any(map(value.__contains__, _PARAMETERS))


def is_hinting(value: str) -> bool:
    """Whether a string can hold a reference or a document with one: cheap, and true too often."""
    return "/" in value or "mage" in value
