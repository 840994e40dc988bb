"""How often one server is asked: so many requests at once, pauses where it wants them, and an end where it is no use.

What a server says to one question holds for all: a limit pauses all of them, and one that is not there is not asked
two thousand times.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import parsedate_to_datetime

from kubectl_tcr.registry.question import Settings
from kubectl_tcr.registry.reply import Reason, Reply, UnansweredError

# Requests at once to all servers together.
OVERALL = 64
_LIMITED = 429
# What may be over a moment later.
_FAILING = (500, 502, 503, 504)
# Pauses are up to so much longer than need be: who was turned away together need not come back together.
_JITTER = 0.25
# The pauses that grow end here, in doublings.
_DOUBLINGS = 10


class Pace:
    """The pace of one server."""

    def __init__(self, settings: Settings, overall: asyncio.Semaphore) -> None:
        self._settings = settings
        self._overall = overall
        self._slots = asyncio.Semaphore(settings.connections)
        self._resume = self._paused = 0.0
        self._rounds = self._failures = 0
        self._asking = 0
        self._has_answered = False
        self._last: Reply | UnansweredError | None = None

    @property
    def is_quiet(self) -> bool:
        """Whether nobody asks this server, or waits to."""
        return self._asking == 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Reply | None]:
        """Wait for the turn of a request. A server that is given up is not asked: its last reply is given or raised."""
        self._asking += 1
        try:
            async with self._turn() as last:
                yield last
        finally:
            self._asking -= 1

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[Reply | None]:
        async with self._slots:
            while not self._last and (left := self._resume - time.monotonic()) > 0:
                await asyncio.sleep(left)
            if isinstance(self._last, UnansweredError):
                raise UnansweredError(str(self._last), self._last.reason, self._last.origin)
            async with self._overall:
                yield self._last

    def heard(self, reply: Reply, tries: int) -> float | None:
        """Seconds until the question is asked again, None where the reply stands."""
        if reply.status == _LIMITED:
            return self._limited(reply, tries)
        if reply.status in _FAILING:
            return self._failed(reply, tries, wait=wanted(reply))
        self._has_answered, self._rounds, self._failures = True, 0, 0
        return None

    def missed(self, error: UnansweredError, tries: int) -> float | None:
        """Seconds until the question is asked again, None where there is no use in it."""
        if error.reason is Reason.ODD:
            return None
        is_new = not self._has_answered
        if is_new and error.reason in (Reason.ABSENT, Reason.DISTRUST):
            self._last = self._last or error
            return None
        wait = self._failed(error, tries)
        if is_new and error.reason is Reason.SLOW and self._failures >= self._settings.connections:
            self._last = self._last or error
        return None if error.reason in (Reason.SLOW, Reason.DISTRUST) else wait

    def _limited(self, reply: Reply, tries: int) -> float | None:
        """Replies to what was sent in front of a pause are of the round that it ended."""
        if reply.sent >= self._paused:
            wait = wanted(reply)
            self._next_round(reply, self._growing(self._rounds) if wait is None else wait)
        # One question that is always turned away must not hold up the others.
        return None if self._last or tries > 2 * self._settings.retries else 0

    def _failed(self, last: Reply | UnansweredError, tries: int, wait: float | None = None) -> float | None:
        """A failure is one question's, until as many as there are connections came in a row."""
        self._failures += 1
        if self._failures % self._settings.connections == 0:
            self._next_round(last, self._growing(self._rounds))
        if self._last or tries > self._settings.retries:
            return None
        if wait is None:
            return self._growing(tries - 1)
        return wait if wait <= self._settings.longest_pause else None

    def _next_round(self, last: Reply | UnansweredError, wait: float) -> None:
        """Pause, or give the server up."""
        self._rounds += 1
        self._paused = time.monotonic()
        self._resume = max(self._resume, self._paused + wait)
        if self._rounds > self._settings.retries or wait > self._settings.longest_pause:
            self._last = self._last or last

    def _growing(self, steps: int) -> float:
        wait = self._settings.pause * 2.0 ** min(steps, _DOUBLINGS) * random.uniform(1, 1 + _JITTER)  # noqa: S311 no secret
        return min(wait, self._settings.longest_pause)


def wanted(reply: Reply) -> float | None:
    """The seconds that a server wants to be left alone (RFC 9110, Retry-After: seconds, or a date)."""
    text = reply.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text)
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError, OSError):
        return None
