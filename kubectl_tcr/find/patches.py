"""JSON patches (RFC 6902): operations that put a value at a field of another resource."""

from collections.abc import Callable
from itertools import islice
from typing import NamedTuple

from kubectl_tcr.text.document import Path
from kubectl_tcr.text.patterns import lazy

# What must be read in a document that may hold one.
KEYS = frozenset({"op", "path", "value"})
# A patch inside a patch inside a patch is none that anybody writes.
_MOST_TRIED = 8
_PUTS = frozenset({"add", "replace"})
_TEST = "test"
# The pointer to the image of a container or a volume, spelled out.
_POINTER = lazy(r"/(?:containers|[a-z]+Containers|volumes)/[\w~-]+/image")


class Operation(NamedTuple):
    """What an operation does with its value: the field of the resource it is put at, or compared with."""

    field: Path
    is_test: bool


def may_hold(text: str) -> bool:
    """Whether a text can hold a patch with an image: cheap, and true too often."""
    return "/image" in text and "op" in text and points_at_image(text)


def points_at_image(text: str) -> bool:
    """Whether a text spells out a pointer to an image."""
    return _POINTER.search(text) is not None


def operation(path: Path, value_at: Callable[[Path], str | None]) -> Operation | None:
    """The operation whose value a path leads into, None if there is none; `value_at` is the scalar at a path."""
    behind_items = (at + 1 for at, part in enumerate(path[:-1]) if isinstance(part, int) and path[at + 1] == "value")
    for index in islice(behind_items, _MOST_TRIED):
        pointer, what = value_at((*path[:index], "path")), value_at((*path[:index], "op"))
        if pointer and pointer.startswith("/") and (what in _PUTS or what == _TEST):
            return Operation((*_parts(pointer), *path[index + 1 :]), what == _TEST)
    return None


def _parts(pointer: str) -> Path:
    """The path that a JSON pointer (RFC 6901) stands for; `-`, behind the last item, is one."""
    parts = (part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))
    return tuple(0 if part == "-" else int(part) if part.isdecimal() and part.isascii() else part for part in parts)
