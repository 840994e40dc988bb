"""What becomes of the sources of a run: rewritten one by one, or by several processes."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from kubectl_tcr import files
from kubectl_tcr.errors import InputError, TcrError
from kubectl_tcr.pipeline import Part, Rewriter
from kubectl_tcr.reports.tally import Tally
from kubectl_tcr.run import sources, workers
from kubectl_tcr.run.request import Mode, Request
from kubectl_tcr.run.sources import Source
from kubectl_tcr.run.spool import Held, Spool
from kubectl_tcr.text import stream

if TYPE_CHECKING:  # see run/sources.py
    from pathlib import Path

    from kubectl_tcr.find.pieces import Pieces

# What takes less time than to start a second process, in bytes, and how much of it one piece holds.
_PAYS = 3 << 20
_PIECE = 1 << 18
# What is too long to be handed to another process, in bytes: it would be there twice.
_LONG = 1 << 22
# What is written at once, in bytes.
_GATHERED = 1 << 16

# The bytes for standard output, and whether JSON begins them.
Output = tuple[bytes, bool]


class Done(NamedTuple):
    """What a worker made of a source: what it saw, what it would have written, and where it failed."""

    tally: Tally
    held: Held
    errors: tuple[TcrError, ...]


class Work:
    """A run's work on its sources: what it saw, what it holds for standard output, and what failed.

    `new_tally` makes what sees the documents of a run, a file or a piece; by default a tally for summary and report.
    """

    def __init__(
        self,
        request: Request,
        rewriter: Rewriter,
        *,
        processes: int = 1,
        swept: "set[Path] | None" = None,
        new_tally: Callable[[], Tally] | None = None,
    ) -> None:
        self.request = request
        self._new_tally = new_tally or partial(Tally, keep=bool(request.report) or request.verbose, gates=request.gates)
        self.tally = self._new_tally()
        self.spool = Spool()
        self.errors: list[TcrError] = []
        self._rewriter = rewriter
        self._processes = processes
        self._swept = set() if swept is None else swept
        self._one = {
            Mode.STDOUT: self._to_stdout, Mode.CHECK: self._check, Mode.DIFF: self._diff, Mode.IN_PLACE: self._in_place
        }[request.mode]  # fmt: skip

    def all(self) -> None:
        """Do all sources, in order; raises TcrError."""
        shares = sources.shares(self.request.sources, _PIECE) if self._processes > 1 else ()
        if not shares:
            self._each(self.request.sources)
        for is_light, group in groupby(shares, lambda share: share.size < _PAYS):
            some = tuple(group)
            if is_light and sum(share.size for share in some) >= _PAYS:
                self._shared(some)
            else:  # a big file is cut into batches, by processes that are not started beside others
                self._each(source for share in some for source in share.sources)

    def _each(self, given: Iterable[Source]) -> None:
        for source in given:
            self._do(source)

    def _do(self, source: Source) -> None:
        with sources.closed_behind(source) as opened:
            self._one(opened)

    def _shared(self, shares: Iterable[sources.Share]) -> None:
        for _, results in workers.ordered(self._share, shares, self._processes):
            for result in results or ():
                self._merge(result)

    def _share(self, share: sources.Share) -> list[Done]:
        """Do some files in a worker."""
        results = []
        for source in share.sources:
            work = Work(self.request, self._rewriter, swept=self._swept, new_tally=self._new_tally)
            work._do(source)
            results.append(Done(work.tally, work.spool.take(), tuple(work.errors)))
        return results

    def _merge(self, done: Done) -> None:
        self.tally.merge(done.tally, is_written=True)
        self.spool.add(done.held)
        self.errors += done.errors

    # One source.

    def _to_stdout(self, source: Source) -> None:
        self._fill(self.spool, source, self.tally)

    def _check(self, source: Source) -> None:
        self._look(source, self._read)

    def _diff(self, source: Source) -> None:
        self._look(source, self._compare)

    def _look(self, source: Source, look: Callable[[Source, Spool, Tally], None]) -> None:
        """Look at a source; where the run goes on, one that cannot be read is named and counts for nothing."""
        if not self.request.goes_on:
            look(source, self.spool, self.tally)
            return
        own, spool = self._new_tally(), Spool()
        try:
            look(source, spool, own)
            spool.pour_into(self.spool)
            self.tally.merge(own, is_written=True)
        except InputError as error:
            self.errors.append(error)
        finally:
            spool.close()

    def _read(self, source: Source, _: Spool, tally: Tally) -> None:
        for _output in self._outputs(source, tally)[1]:
            pass

    def _compare(self, source: Source, spool: Spool, tally: Tally) -> None:
        from kubectl_tcr.reports import diff

        encoding, found = self._rewriter.parts(source.chunks(), source.name)
        parts = _tallied(found, source.name, tally)
        bom = encoding.mark if encoding.codec == stream.UTF8.codec else b""  # what is in UTF-16 is shown in UTF-8
        is_colored, is_escaped = self.request.color, self.request.escape
        for mark, line in diff.unified(source.name, parts, bom):
            spool.write(diff.shown(mark, line, is_colored=is_colored, is_escaped=is_escaped), is_json=True)

    def _in_place(self, source: Source) -> None:
        """Each file stands for itself: one that fails stays as it was, the others are done."""
        try:
            self._edit(source)
        except TcrError as error:
            self.errors.append(error)

    def _edit(self, source: Source) -> None:
        target = source.target
        self._sweep(target.parent)
        original = files.Original(target)
        own = self._new_tally()
        spool = Spool()
        try:
            self._fill(spool, source._replace(chunks=lambda: original.read(source.chunks())), own)
            is_held = own.is_gated
            if own.changed_files and not is_held:
                original.replace(spool.copy_to)
        finally:
            spool.close()
        self.tally.merge(own, is_written=not is_held)

    def _sweep(self, folder: "Path") -> None:
        """Take away what killed runs have left in a folder, once."""
        if folder not in self._swept:
            self._swept.add(folder)
            files.sweep(folder)

    def _fill(self, spool: Spool, source: Source, tally: Tally) -> None:
        """Rewrite a source into a spool."""
        encoding, outputs = self._outputs(source, tally)
        spool.begin(encoding)
        for output, is_json in _gathered(outputs):
            spool.write(output, is_json=is_json)

    def _outputs(self, source: Source, tally: Tally) -> tuple[stream.Encoding, Iterator[Output]]:
        """A source rewritten; what takes long goes to several processes, unless places in it are asked for."""
        encoding, text = stream.decode(source.chunks(), source.name)
        if self._processes > 1 and not tally.keep and not tally.gates.are_asked:
            size, first, text = sources.ahead(text, _PAYS)
            if size >= _PAYS:
                if stream.is_json(first):
                    return encoding, self._documents(text, source.name, tally)
                return encoding, self._batches(stream.batches(text, _PIECE), source, tally)
        return encoding, _outputs(self._rewriter.documents(text, source.name), source.name, tally)

    def _documents(
        self,
        text: Iterable[bytes],
        name: str,
        tally: Tally,
        start: stream.Start = stream.Start(),  # noqa: B008 a value
    ) -> Iterator[Output]:
        """Documents rewritten one by one; a long list by several processes."""
        for document in stream.split(text, name, start):
            pieces = self._rewriter.pieces(document)
            shared = self._list(document, pieces, name, tally) if pieces else None
            if shared is not None:
                yield from shared
            else:
                parts = self._rewriter.parts_of(document, name, pieces)
                yield from _outputs(parts, name, tally)

    def _list(self, document: stream.Document, pieces: "Pieces", name: str, tally: Tally) -> Iterator[Output] | None:
        from kubectl_tcr.find.items import Items
        from kubectl_tcr.run.lists import SharedList

        if not isinstance(pieces, Items):
            return None
        shared = SharedList(document, pieces, name, self._new_tally)
        chunks = shared.outputs(self._processes, tally, validate=self.request.validate)
        return None if chunks is None else ((chunk, document.is_json) for chunk in chunks)

    def _batches(self, batches: Iterable[stream.Batch], source: Source, tally: Tally) -> Iterator[Output]:
        number = 0
        pieces = ((source.name, batch) for batch in batches)
        for (_, batch), done in workers.ordered(self._batch, pieces, self._processes, _is_long):
            if done is None:
                before = tally.documents
                yield from self._documents([batch.text], source.name, tally, stream.Start(batch.line, number))
                number += tally.documents - before
            else:
                output, seen = done
                number += seen.documents
                tally.merge(seen, is_written=True)
                yield output, False

    def _batch(self, piece: tuple[str, stream.Batch]) -> tuple[bytes, Tally] | None:
        """Rewrite a batch in a worker; None where its place in the stream is needed to tell what is wrong."""
        name, batch = piece
        tally = self._new_tally()
        try:
            outputs = [output for output, _ in _outputs(self._rewriter.documents([batch.text], name), name, tally)]
        except InputError:
            return None
        return None if tally.warnings else (b"".join(outputs), tally)


def _is_long(piece: tuple[str, stream.Batch]) -> bool:
    return len(piece[1].text) > _LONG


def _outputs(parts: Iterable[Part], name: str, tally: Tally) -> Iterator[Output]:
    return ((part.output, part.document.is_json) for part in _tallied(parts, name, tally))


def _gathered(outputs: Iterable[Output]) -> Iterator[Output]:
    """Small outputs in front of each other made one: the first tells whether it is JSON."""
    held: list[bytes] = []
    size, is_first_json = 0, False
    for output, is_json in outputs:
        if not size:
            is_first_json = is_json
        held.append(output)
        size += len(output)
        if size >= _GATHERED:
            yield b"".join(held), is_first_json
            held, size = [], 0
    yield b"".join(held), is_first_json


def _tallied(parts: Iterable[Part], name: str, tally: Tally) -> Iterator[Part]:
    for part in parts:
        tally.add(name, part)
        yield part
