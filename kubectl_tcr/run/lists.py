"""A long list rewritten by several processes: each gets some of the items at a time.

The pieces of a list do not depend on each other once it is known what all of them tell (`find/signs`). A forked process
holds the list as its parent does, so that only the number of a piece goes there, and its bytes and counts come back.
"""

import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from kubectl_tcr.errors import ReadError
from kubectl_tcr.files import writing
from kubectl_tcr.find.items import Items
from kubectl_tcr.find.pieces import Unfit
from kubectl_tcr.find.signs import Signs
from kubectl_tcr.pipeline import part_of
from kubectl_tcr.readers import strict
from kubectl_tcr.reports.tally import Tally
from kubectl_tcr.run import workers
from kubectl_tcr.text.stream import Document

# Output that waits in memory until all items are known to be fit, in bytes; what is beyond waits in a temporary file.
_IN_MEMORY = 4 << 20
_CHUNK = 1 << 20


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

    def outputs(self, processes: int, tally: Tally, *, validate: bool) -> Iterator[bytes] | None:
        """The rewritten list in chunks, None where it has to be done by one process.

        Nothing is counted and handed out before all items are known to be fit.
        Raises TcrError where a worker was killed.
        """
        numbers = range(len(self._items.groups))
        told = [signs for _, signs in workers.ordered(self._signs, numbers, processes)]
        try:
            self._items.heed(one or Signs() for one in told)
        except Unfit:
            return None
        own, is_refused = self._new_tally(), False
        spool = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 closed by who reads it to its end
        for _, done in workers.ordered(self._rewrite, numbers, processes):
            if done is None:
                spool.close()
                return None
            with writing("the temporary file"):
                spool.write(done.output)
            own.merge(done.tally, is_written=True)
            is_refused = is_refused or done.is_refused
        if is_refused and (validate or own.changed_files):
            spool.close()
            return None
        own.changed_documents = min(own.changed_documents, 1)  # each piece has counted itself
        tally.merge(own, is_written=True)
        with writing("the temporary file"):
            spool.seek(0)
        return _chunks(spool)

    def _signs(self, number: int) -> Signs:
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


def _chunks(spool: "tempfile.SpooledTemporaryFile[bytes]") -> Iterator[bytes]:
    with spool:
        yield from iter(partial(spool.read, _CHUNK), b"")
