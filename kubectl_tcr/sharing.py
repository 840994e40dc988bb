"""Aliases: one text at several places of a document.

Nothing is expanded. For a scalar that matters, the paths that show it are followed back from
the aliases, and only so far: a document that repeats one scalar at more places than
`MOST_PATHS` is left alone there.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubectl_tcr.document import Alias, Path

MOST_PATHS = 64
_MERGE = "<<"


class Use(NamedTuple):
    """A path that shows a scalar; `alias` is set where an alias to the scalar itself stands there."""

    path: Path
    alias: Alias | None = None

    @property
    def is_key(self) -> bool:
        """Whether the scalar is a mapping key there."""
        return self.alias is not None and self.alias.is_key


class Sharing:
    """The aliases of a document, by the path of what they repeat."""

    def __init__(self, aliases: Iterable[Alias]) -> None:
        self._by_target: dict[Path, list[Alias]] = {}
        for alias in aliases:
            self._by_target.setdefault(alias.target, []).append(alias)

    def uses(self, path: Path, start: int) -> tuple[Use, ...]:
        """Every path that shows the scalar at `path` and `start`, its own first; none where they are too many."""
        if not self._by_target:
            return (Use(merged(path)),)
        found: dict[tuple[Path, int], Use] = {(path, -1): Use(merged(path))}
        waiting = [path]
        while waiting:
            current = waiting.pop()
            for alias in self._around(current):
                if alias.origin >= 0 and (alias.target != path or alias.origin != start):
                    continue
                reached = alias.path + current[len(alias.target) :]
                if (reached, alias.start) in found:
                    continue
                if len(found) >= MOST_PATHS:
                    return ()
                found[reached, alias.start] = Use(merged(reached), alias if alias.target == path else None)
                waiting.append(reached)
        return tuple(found.values())

    def _around(self, path: Path) -> Iterator[Alias]:
        """The aliases that repeat a node around a path, or the one there."""
        for depth in range(len(path) + 1):
            yield from self._by_target.get(path[:depth], ())


def merged(path: Path) -> Path:
    """A path without merge keys: what stands under `<<` stands in the mapping itself."""
    if _MERGE not in path:
        return path
    kept: list[str | int] = []
    after_merge = False
    for part in path:
        if not (part == _MERGE or (after_merge and isinstance(part, int))):
            kept.append(part)
        after_merge = part == _MERGE
    return tuple(kept)
