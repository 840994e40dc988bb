"""Aliases: one text at several places of a document.

Nothing is expanded. For a scalar that matters, the paths that show it are followed back from
the aliases, and only so far: a document that repeats one scalar at more places than
`MOST_PATHS` is left alone there.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubectl_tcr.text.document import MERGE, Alias, Path, Reading, Scalar

MOST_PATHS = 64
_ANYWHERE = float("inf")

# A path, and where the aliases that lead on stand in front of: what an alias repeats holds earlier ones only. In a
# document that repeats a key one may seem to stand inside what it repeats, and would be followed for ever.
_Place = tuple[Path, float]


class Use(NamedTuple):
    """A path that shows a scalar; `alias` is the one to the scalar itself by which it does, if there is one.

    `is_key` says whether it is a mapping key there, whatever it is where it stands.
    """

    path: Path
    alias: Alias | None = None
    is_key: bool = False


class Sharing:
    """The aliases of a document, by the path of what they repeat."""

    def __init__(self, aliases: Iterable[Alias]) -> None:
        # By what they repeat and where that starts: duplicate keys give many nodes one path.
        self._by_target: dict[tuple[Path, int], list[Alias]] = {}
        for alias in aliases:
            self._by_target.setdefault((alias.target, alias.origin), []).append(alias)
        # How deep collections stand that aliases repeat; most depths of a deep document are none.
        self._depths = sorted({len(target) for target, origin in self._by_target if origin < 0})

    def uses(self, scalar: Scalar) -> tuple[Use, ...]:
        """Every path that shows a scalar, its own first; none where they are too many."""
        path = scalar.path
        own = Use(merged(path), None, scalar.is_key)
        if not self._by_target:
            return (own,)
        # A key and the value beside it have one path.
        found: dict[tuple[Path, int, bool], Use] = {(path, -1, own.is_key): own}
        waiting = [(path, own)]
        while waiting:
            current, use = waiting.pop()
            for alias in self._around(current, path, scalar.start):
                reached = alias.path + current[len(alias.target) :]
                by, is_key = (use.alias, use.is_key) if alias.origin < 0 else (alias, alias.is_key)
                if (reached, alias.start, is_key) in found:
                    continue
                if len(found) >= MOST_PATHS:
                    return ()
                found[reached, alias.start, is_key] = shown = Use(merged(reached), by, is_key)
                waiting.append((reached, shown))
        return tuple(found.values())

    def _around(self, current: Path, path: Path, start: int) -> Iterator[Alias]:
        """The aliases that repeat a collection around a path at which a scalar is shown, or the scalar itself."""
        for depth in self._depths:
            if depth < len(current):
                yield from self._by_target.get((current[:depth], -1), ())
        if current == path:
            yield from self._by_target.get((path, start), ())


class Resolved:
    """The scalars of a document with aliases, by every path at which a parser would find them.

    Each path is looked up once, so nothing is expanded here either.
    """

    def __init__(self, reading: Reading) -> None:
        scalars = [scalar for scalar in reading.scalars if not scalar.is_key]
        self._direct = {scalar.path: scalar.value for scalar in scalars}
        self._anchored = {(scalar.path, scalar.start): scalar.value for scalar in reading.scalars}
        self._aliases = {alias.path: alias for alias in reading.aliases if not alias.is_key}
        # Where something stands itself, and what is merged into a mapping, in order.
        self._there: set[Path] = set()
        self._merges: dict[Path, dict[Path, None]] = {}
        # A collection stands where it is anchored, also if no reader saw anything in it.
        anchored = (alias.target for alias in reading.aliases if alias.origin < 0)
        for path in (*self._direct, *self._aliases, *anchored):
            self._note(path)
        # How deep a path may turn off to where something stands; most depths of a deep document are none.
        turns = [path for path, alias in self._aliases.items() if alias.origin < 0]
        self._turns = sorted({len(path) for path in (*turns, *self._merges)}, reverse=True)
        self._found: dict[_Place, str | None] = {}

    def _note(self, path: Path) -> None:
        """Take in that something stands at a path, and so at all paths above."""
        for depth in range(len(path), 0, -1):
            *above, last = path[:depth]
            if last == MERGE and not (len(path) > depth and isinstance(path[depth], int)):
                self._merges.setdefault(tuple(above), {})[path[:depth]] = None
            elif isinstance(last, int) and above[-1:] == [MERGE]:
                self._merges.setdefault(tuple(above[:-1]), {})[path[:depth]] = None
            if path[:depth] in self._there:
                return
            self._there.add(path[:depth])

    def value(self, path: Path) -> str | None:
        """The scalar at a path, None if there is none that a reader saw."""
        place = (path, _ANYWHERE)
        if place not in self._found:
            self._look_up(place)
        return self._found[place]

    def _look_up(self, place: _Place) -> None:
        """Find what stands at a place, by the places that lead to it; no recursion, as their row may be long."""
        row = [(place, self._begin(place))]
        while row:
            current, steps = row[-1]
            step = next(steps, None) if self._found[current] is None else None
            if step is None:
                row.pop()
                if row:
                    self._found[row[-1][0]] = self._found[current]
            elif step in self._found:
                self._found[current] = self._found[step]
            else:
                row.append((step, self._begin(step)))

    def _begin(self, place: _Place) -> Iterator[_Place]:
        """Note what stands at a place itself; where else to look."""
        path, limit = place
        found, alias = self._direct.get(path), self._aliases.get(path)
        if found is None and alias:
            found = self._anchored.get((alias.target, alias.origin))
        self._found[place] = found
        return iter(()) if alias else self._steps(path, limit)

    def _steps(self, path: Path, limit: float) -> Iterator[_Place]:
        """Where that stands which is at a path by a collection that is repeated or merged."""
        for depth in self._turns:
            if depth >= len(path):
                continue
            here, below = path[:depth], path[depth:]
            alias = self._aliases.get(here)
            if alias and alias.origin < 0 and alias.start < limit:
                yield alias.target + below, alias.start
                return
            if here in self._merges and (*here, below[0]) not in self._there:
                yield from ((step + below, limit) for step in self._merges[here])
                return


def merged(path: Path) -> Path:
    """A path without merge keys: what stands under `<<` stands in the mapping itself."""
    if MERGE not in path:
        return path
    kept: list[str | int] = []
    after_merge = False
    for part in path:
        if not (part == MERGE or (after_merge and isinstance(part, int))):
            kept.append(part)
        after_merge = part == MERGE
    return tuple(kept)
