"""Several processors: pieces of work go to forked processes, and their results come back in order.

A forked process has what its parent has, patterns compiled and lines remembered, so only the
pieces and the results are copied. Where there is no fork (Windows) or it is not safe (macOS,
bugs.python.org/issue33725), there is one worker: the process itself.
"""

import os
import sys
import time
from _signal import SIGTERM  # see kubectl_tcr/signals.py
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar, cast

from kubectl_tcr import signals
from kubectl_tcr.errors import TcrError, internal

if TYPE_CHECKING:  # loaded by the first run that is shared out
    from multiprocessing.connection import Connection

Piece = TypeVar("Piece")
Result = TypeVar("Result")

# With more, the parent that cuts the input and gathers the output is what all wait for.
MOST = 16
_CPU_MAX = "/sys/fs/cgroup/cpu.max"

# Pieces that wait for each worker beside the one it is at.
_AHEAD = 2

# What ends a worker: the pool sends it where another worker died. How long that may take, in seconds.
_ENDING = (SIGTERM,)
_PATIENCE = 5


def count() -> int:
    """How many processes are worth having: those that can run at the same time, and not more than `MOST`."""
    if sys.platform != "linux":
        return 1
    return min(len(os.sched_getaffinity(0)), _quota(), MOST)


def _quota() -> int:
    """How many processors the container may use (docs.kernel.org/admin-guide/cgroup-v2.html, cpu.max)."""
    try:
        with open(_CPU_MAX) as file:  # noqa: PTH123 see run/sources.py
            quota, period = file.read().split()
    except (OSError, ValueError):
        return MOST
    return MOST if quota == "max" else max(int(quota) // int(period), 1)


def ordered(
    task: Callable[[Piece], Result],
    pieces: Iterable[Piece],
    workers: int,
    is_own: Callable[[Piece], bool] = lambda _: False,
) -> Iterator[tuple[Piece, Result | None]]:
    """Each piece with what the task made of it, in order; pieces and results must be picklable.

    Not many pieces are taken before their turn, and none beside one that the caller does by itself (`is_own`), of which
    the task makes None. Raises what the task raises, and TcrError where a worker was killed.
    """
    pool = _Pool(task, workers)
    failure = None
    try:
        given = iter(pieces)
        while True:
            try:
                piece = next(given)
            except StopIteration:
                break
            except TcrError as error:  # what the pieces in front of it hold comes first
                failure = error
                break
            if is_own(piece):
                yield from pool.results(down_to=0)
                yield piece, None
                continue
            pool.submit(piece)
            yield from pool.results(down_to=workers * _AHEAD)
        yield from pool.results(down_to=0)
    finally:
        pool.end()
    if failure:
        raise failure


class _Pool:
    """Forked workers, each with a pipe of its own.

    concurrent.futures has one pipe and one lock for all results: a worker that is killed while it writes there holds up
    the others and the reader for ever.
    """

    def __init__(self, task: Callable[[Any], Any], most: int) -> None:
        self._task = task
        self._most = most
        self._workers: list[_Worker] = []
        self._count = 0
        # Pieces with their numbers: all whose results are to be taken, and of these what no worker was free for.
        self._waiting: deque[tuple[int, Any]] = deque()
        self._held: deque[tuple[int, Any]] = deque()
        self._done: dict[int, tuple[bool, Any]] = {}

    def submit(self, piece: Any) -> None:
        """Hand a piece to a worker, now or as soon as one is free."""
        self._waiting.append((self._count, piece))
        self._held.append((self._count, piece))
        self._count += 1
        self._collect(patience=0)

    def results(self, *, down_to: int) -> Iterator[tuple[Any, Any]]:
        """Pieces with what became of them, in order, until so many wait; raises what the task raised."""
        while len(self._waiting) > down_to:
            number, piece = self._waiting.popleft()
            while number not in self._done:
                self._collect(patience=None)
            is_fine, what = self._done.pop(number)
            if not is_fine:
                raise what
            yield piece, what

    def end(self) -> None:
        """Wait for what is begun; what is not is given up."""
        for worker in self._workers:
            worker.pipe.close()
        for worker in self._workers:
            worker.process.join()

    def _collect(self, *, patience: float | None) -> None:
        """Take what workers have done, and give them the next pieces; wait so long for it, None for ever."""
        from multiprocessing.connection import wait

        busy = {worker.pipe: worker for worker in self._workers if worker.number >= 0}
        for pipe in wait(list(busy), patience) if busy else ():
            worker = busy[pipe]  # type: ignore[index] # only pipes were given
            with self._killed_workers():
                self._done[worker.number] = worker.pipe.recv()
            worker.number = -1
        while self._held and (free := self._free()):
            free.number, piece = self._held.popleft()
            with self._killed_workers():
                free.pipe.send(piece)

    def _free(self) -> "_Worker | None":
        """A worker without a piece, a new one as long as there may be more."""
        free = next((worker for worker in self._workers if worker.number < 0), None)
        if free is None and len(self._workers) < self._most:
            with _signals_blocked():
                free = _Worker(self._task, [worker.pipe for worker in self._workers])
                self._workers.append(free)
        return free

    @contextmanager
    def _killed_workers(self) -> Iterator[None]:
        """Raise TcrError where a pipe has ended, as it does with its worker, and have the others end."""
        try:
            yield
        except (EOFError, OSError):
            for worker in self._workers:
                worker.process.terminate()
            raise TcrError("a worker process was killed, perhaps for want of memory; run it again") from None


class _Worker:
    """A forked process, this end of the pipe to it, and the number of the piece that it is at, -1 for none.

    The other ends of pipes are open in one process each, so that a pipe ends with either of its two. `others` are
    this end's of workers that were forked before.
    """

    def __init__(self, task: Callable[[Any], Any], others: "list[Connection]") -> None:
        from multiprocessing import get_context

        context = get_context("fork")
        self.pipe, theirs = context.Pipe()
        self.number = -1
        self.process = context.Process(target=_work, args=(task, theirs, [*others, self.pipe]))
        self.process.start()
        theirs.close()


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """A process that is forked here gets no signal before it knows what to do with it."""
    from signal import SIG_BLOCK, SIG_SETMASK, pthread_sigmask

    before = pthread_sigmask(SIG_BLOCK, signals.NUMBERS)
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)


def _work(task: Callable[[Any], Any], pipe: "Connection", others: "list[Connection]") -> None:
    """Do pieces until there are no more, or nobody takes what became of them."""
    _begin(others)
    with suppress(EOFError, OSError):
        while True:
            piece = pipe.recv()
            try:
                done = True, _carry_out(task, piece)
            except Exception as error:  # noqa: BLE001 raised by who asks for the result
                done = False, _portable(error)
            pipe.send(done)


def _portable(error: Exception) -> Exception:
    """An error as it arrives in another process, where some cannot be made again."""
    import pickle

    try:
        return cast("Exception", pickle.loads(pickle.dumps(error)))  # noqa: S301 our own
    except Exception:  # noqa: BLE001 whatever it is, the error is to be told
        return internal(f"{type(error).__name__}: {error}")


def _begin(others: "list[Connection]") -> None:
    import signal
    from threading import Thread

    for other in others:
        other.close()
    for number in (signal.SIGINT, signal.SIGHUP):  # a terminal sends them to all; the parent ends the pool
        signal.signal(number, signal.SIG_IGN)
    signals.end_at_once(_ENDING)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, signals.NUMBERS)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for a parent that was killed: nobody else would end its workers."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent:
        parent.join()
    os.kill(os.getpid(), _ENDING[0])
    time.sleep(_PATIENCE)
    os._exit(1)


def _carry_out(task: Callable[[Any], Any], piece: Any) -> Any:
    """Do a piece; a signal takes back what of it is begun, and ends the process."""
    try:
        signals.end_in_order(_ENDING)
        return task(piece)
    except signals.Ended as ended:
        os._exit(ended.status)
    finally:
        signals.end_at_once(_ENDING)
