"""One command line in a list or in several: the `command` and the `args` of a container, and what its image runs."""

from collections.abc import Callable, Iterator, Sequence

from kubectl_tcr.find.names import Names
from kubectl_tcr.find.site import Site
from kubectl_tcr.kubernetes.exclusions import BUILT, PUSHED
from kubectl_tcr.text.document import MOST_BEFORE, Path

# The list in front of another: those of Kubernetes, and those of Compose.
_IN_FRONT = {"args": "command", "command": "entrypoint"}
_LISTS = frozenset((key,) for pair in _IN_FRONT.items() for key in pair)
COMMANDS = frozenset(_IN_FRONT.values())

ValueAt = Callable[[Path], str | None]


def in_front(path: Path, value_at: ValueAt) -> Sequence[str]:
    """What stands in front of the list that a path leads into: a command, or the image whose program takes it.

    `value_at` is the scalar at a path. A command is known up to its first item that no reader yields.
    """
    if len(path) < 2 or not isinstance(path[-1], int) or path[-2] not in _IN_FRONT:
        return ()
    owner = path[:-2]
    command = tuple(_items((*owner, _IN_FRONT[str(path[-2])]), value_at))
    return command or _image(owner, value_at)


def _image(owner: Path, value_at: ValueAt) -> Sequence[str]:
    """The image of a container; steps of Cloud Build have it for their name."""
    name = value_at((*owner, "image")) or value_at((*owner, "name")) or ""
    return (name,) if "/" in name else ()


def line(path: Path) -> Path:
    """What the items of one command line have in common, or those of one script, by the path of an item."""
    return path[:-2] if path[-2:-1] in _LISTS else path[:-1]


def spared(sites: Sequence[Site]) -> Iterator[Site]:
    """The sites of one command line or script: what one item pushes stays in all of them."""
    pushed = Names(site.reference for site in sites if site.reason == PUSHED)
    return (site.left(BUILT) if site.edits and site.reference in pushed else site for site in sites)


def _items(path: Path, value_at: ValueAt) -> Iterator[str]:
    for index in range(MOST_BEFORE):
        item = value_at((*path, index))
        if item is None:
            return
        yield item
