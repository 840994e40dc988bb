"""Aliases: one text at several places of a document.

Nothing is expanded. For a scalar that matters, the paths that show it are followed back from
the aliases, and only so far: a document that repeats one scalar at more places than
`MOST_PATHS` is left alone there.
"""

from collections.abc import Sequence
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


def uses(path: Path, aliases: Sequence[Alias]) -> tuple[Use, ...] | None:
    """Every path that shows the scalar at `path`, its own first; None where there are too many."""
    if not aliases:
        return (Use(path),)
    found: dict[tuple[Path, int], Use] = {(path, -1): Use(_merged(path))}
    waiting = [path]
    while waiting:
        current = waiting.pop()
        for alias in aliases:
            if current[: len(alias.target)] != alias.target:
                continue
            reached = alias.path + current[len(alias.target) :]
            direct = alias if alias.target == path else None
            if (reached, alias.start) in found:
                continue
            if len(found) >= MOST_PATHS:
                return None
            found[reached, alias.start] = Use(_merged(reached), direct)
            waiting.append(reached)
    return tuple(found.values())


def _merged(path: Path) -> Path:
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
