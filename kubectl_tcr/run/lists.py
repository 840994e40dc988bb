"""A long list rewritten by several processes: each gets some of the items at a time.

The pieces of a list do not depend on each other once it is known what all of them tell (`find/signs`). A forked process
holds the list as its parent does, so that only the number of a piece goes there, and its bytes and counts come back.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from kubectl_tcr.errors import ReadError
from kubectl_tcr.find.items import Items
from kubectl_tcr.find.pieces import Unfit
from kubectl_tcr.find.signs import Gathered
from kubectl_tcr.pipeline import part_of
from kubectl_tcr.readers import strict
from kubectl_tcr.reports.tally import Tally
from kubectl_tcr.run import workers
from kubectl_tcr.run.spool import Spool
from kubectl_tcr.text.stream import UTF8, Document


class Done(NamedTuple):
    """What a process made of a piece: its output, what was seen, and whether kubectl would refuse it once edited."""

    output: bytes
    tally: Tally
    is_refused: bool


class SharedList:
    """A list, and who rewrites its items: so many processes, each with tallies of its own."""

    def __init__(self, document: Document, items: Items, name: str, new_tally: Callable[[], Tally]) -> None:
        self._document = document
        self._items = items
        self._name = name
        self._new_tally = new_tally
        self._numbers = range(len(items.groups))

    def outputs(self, processes: int, tally: Tally, *, validate: bool) -> Iterator[bytes] | None:
        """The rewritten list in chunks, None where it has to be done by one process.

        Nothing is counted and handed out before all items are known to be fit.
        Raises TcrError where a worker was killed.
        """
        try:
            self._items.heed(told or Gathered() for _, told in workers.ordered(self._signs, self._numbers, processes))
        except Unfit:
            return None
        own, spool = self._new_tally(), Spool()
        spool.begin(UTF8)
        if not self._fill(spool, own, processes, validate=validate):
            spool.close()
            return None
        own.changed_documents = min(own.changed_documents, 1)  # each piece has counted itself
        tally.merge(own, is_written=True)
        return _emptied(spool)

    def _fill(self, spool: Spool, tally: Tally, processes: int, *, validate: bool) -> bool:
        """Rewrite all items; whether all are fit, and none is refused of what is edited or validated."""
        is_refused = False
        for _, done in workers.ordered(self._rewrite, self._numbers, processes):
            if done is None:
                return False
            spool.write(done.output, is_json=self._document.is_json)
            tally.merge(done.tally, is_written=True)
            is_refused = is_refused or done.is_refused
        return not (is_refused and (validate or tally.changed_files))

    def _signs(self, number: int) -> Gathered:
        return self._items.signs(self._items.at(number))

    def _rewrite(self, number: int) -> Done | None:
        """A piece rewritten, None where it is not what the cuts took it for."""
        piece = self._items.at(number)
        try:
            part = part_of(self._document, self._items.part(piece, None))
        except (Unfit, ReadError):
            return None
        tally = self._new_tally()
        tally.add(self._name, part)
        return Done(part.output, tally, not self._items.source.is_json and _is_refused(piece.text))


def _is_refused(text: str) -> bool:
    try:
        strict.check(text)
    except ReadError:
        return True
    return False


def _emptied(spool: Spool) -> Iterator[bytes]:
    yield from spool.chunks()
    spool.close()
