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
from contextlib import contextmanager
from typing import Any, TypeVar

from kubectl_tcr import signals
from kubectl_tcr.errors import TcrError

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

# Set in a worker by its start: what it does with each piece.
_task: Callable[[Any], Any] = print


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
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(workers, get_context("fork"), initializer=_begin, initargs=(task,))
    waiting: deque[tuple[Piece, Future[Result]]] = deque()
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
                while waiting:
                    done, future = waiting.popleft()
                    yield done, future.result()
                yield piece, None
                continue
            with _signals_blocked():
                waiting.append((piece, pool.submit(_carry_out, piece)))
            if len(waiting) > workers * _AHEAD:
                done, future = waiting.popleft()
                yield done, future.result()
        while waiting:
            done, future = waiting.popleft()
            yield done, future.result()
    except BrokenProcessPool:
        raise TcrError("a worker process was killed, perhaps for want of memory; run it again") from None
    finally:
        pool.shutdown(cancel_futures=True)
    if failure:
        raise failure


@contextmanager
def _signals_blocked() -> Iterator[None]:
    """A process that is forked here gets no signal before it knows what to do with it."""
    from signal import SIG_BLOCK, SIG_SETMASK, pthread_sigmask

    before = pthread_sigmask(SIG_BLOCK, signals.NUMBERS)
    try:
        yield
    finally:
        pthread_sigmask(SIG_SETMASK, before)


def _begin(task: Callable[[Any], Any]) -> None:
    import signal
    from threading import Thread

    global _task  # noqa: PLW0603 a process of the pool does one thing for all its life
    _task = task
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


def _carry_out(piece: Any) -> Any:
    """Do a piece; a signal takes back what of it is begun, and ends the process."""
    try:
        signals.end_in_order(_ENDING)
        return _task(piece)
    except signals.Ended as ended:
        os._exit(ended.status)
    finally:
        signals.end_at_once(_ENDING)
