"""Work of an event loop, run beside the thread that waits for it: that one can be interrupted at any moment.

A signal never falls into the loop or the libraries in it, and what hangs there (the look-up of a name takes as long
as a name server does) keeps nobody from ending.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, NamedTuple, TypeVar

Item = TypeVar("Item")

# Where a wait for a lock is not interrupted (Windows), a signal has its effect after so many seconds.
_TURN = 0.5
# Seconds that a loop whose time is over has for closing its connections.
_GOODBYE = 1.0


class _End(NamedTuple):
    """The end of the work, and what it raised."""

    error: BaseException | None


def emitted(work: Callable[[Callable[[Item], None]], Awaitable[None]], seconds: float) -> Generator[Item]:
    """What work emits, as it comes; raises what it raises, and TimeoutError once its time is over."""
    loop = _Loop(work)
    deadline = time.monotonic() + seconds
    try:
        yield from loop.items(deadline)
    except TimeoutError:
        loop.end()
        loop.thread.join(_GOODBYE)
        raise
    finally:
        loop.end()


class _Loop(Generic[Item]):
    """An event loop in a thread of its own."""

    def __init__(self, work: Callable[[Callable[[Item], None]], Awaitable[None]]) -> None:
        self._work = work
        self._queue: SimpleQueue[Item | _End] = SimpleQueue()
        self._end: Callable[[], object] | None = None
        self.thread = Thread(target=self._run, daemon=True)
        self.thread.start()

    def items(self, deadline: float) -> Iterator[Item]:
        while True:
            item = self._next(deadline)
            if not isinstance(item, _End):
                yield item
            elif item.error is None:
                return
            else:
                raise item.error

    def end(self) -> None:
        """Have the work cancelled, if it still runs."""
        end, self._end = self._end, None
        if end:
            end()

    def _next(self, deadline: float) -> Item | _End:
        while (left := deadline - time.monotonic()) > 0:
            try:
                return self._queue.get(timeout=min(left, _TURN))
            except Empty:
                continue
        raise TimeoutError

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 it is raised where it is waited for
            self._queue.put(_End(error))
        else:
            self._queue.put(_End(None))

    async def _main(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        loop.set_default_executor(Daemons())
        if task:
            self._end = partial(_cancel, loop, task)
        try:
            await self._work(self._queue.put)
        finally:
            self._end = None


def _cancel(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[Any]") -> None:
    try:
        loop.call_soon_threadsafe(task.cancel)
    except RuntimeError:
        return  # it is closed by now


class Daemons(ThreadPoolExecutor):
    """Runs each call in a thread of its own, which nobody waits for at the end."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> "Future[Any]":
        """Begin a call."""
        given: Future[Any] = Future()
        given.set_running_or_notify_cancel()
        Thread(target=_settle, args=(given, partial(call, *args, **named)), daemon=True).start()
        return given

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for nothing."""


def _settle(given: "Future[Any]", call: Callable[[], Any]) -> None:
    try:
        given.set_result(call())
    except BaseException as error:  # noqa: BLE001 it is raised where it is waited for
        given.set_exception(error)
