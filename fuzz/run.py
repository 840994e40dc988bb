"""A run of the fuzzer: mutants by number, judged by several processes, counted, and what is wrong made small."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from types import FrameType
from typing import NamedTuple

from fuzz import classes
from fuzz.judge import Judge, Verdict
from fuzz.mutants import mutant
from fuzz.oracle import NAMES, Oracle, folder
from fuzz.shrink import shrunk

# So many mutants are judged at a time by a process.
_BATCH = 50
# What takes longer, in seconds, hangs.
_LONGEST = 120
# So many mutants with the same trouble are kept, to make one of them small.
_KEPT = 5


class Wrong(NamedTuple):
    """A mutant that breaks a law, or is read by one alone and of no known class."""

    number: int
    source: bytes
    verdict: Verdict


class Seen(NamedTuple):
    """What came of some mutants: how many of each kind, of each known class, by each way, and those that are wrong."""

    mutants: int
    kinds: Counter[str]
    known: Counter[str]
    ways: Counter[str]
    wrong: list[Wrong]

    def add(self, other: "Seen") -> "Seen":
        """Both together."""
        return Seen(
            self.mutants + other.mutants,
            self.kinds + other.kinds,
            self.known + other.known,
            self.ways + other.ways,
            self.wrong + other.wrong,
        )


NOTHING = Seen(0, Counter(), Counter(), Counter(), [])


class Plan(NamedTuple):
    """Which mutants: of a seed, from a number on, so many or, where that is 0, as long as there is time, in seconds."""

    seed: int
    first: int = 0
    mutants: int = 0
    seconds: float = 0


def run(plan: Plan, processes: int) -> Iterator[Seen]:
    """Judge mutants; what came of each batch, in order."""
    numbers = _batches(plan)
    with ProcessPoolExecutor(processes, get_context("fork"), initializer=_begin) as pool:
        waiting: list[Future[Seen]] = []
        for batch in numbers:
            waiting.append(pool.submit(_judged, plan.seed, batch))
            if len(waiting) > 2 * processes:
                yield waiting.pop(0).result()
        for one in waiting:
            yield one.result()


def _batches(plan: Plan) -> Iterator[range]:
    deadline = time.monotonic() + plan.seconds
    number, end = plan.first, plan.first + plan.mutants
    while number < end if plan.mutants else time.monotonic() < deadline:
        stop = min(number + _BATCH, end) if plan.mutants else number + _BATCH
        yield range(number, stop)
        number = stop


# In a worker.

_judge: Judge


def _begin() -> None:
    global _judge  # noqa: PLW0603 a process of the pool has one for all its life
    signal.signal(signal.SIGALRM, _hangs)
    _judge = judge()


def judge() -> Judge:
    """A judge with the oracles that are installed."""
    return Judge([Oracle(folder() / name) for name in NAMES])


def _hangs(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"nothing in {_LONGEST} s")


def _judged(seed: int, numbers: range) -> Seen:
    kinds, known, ways = Counter[str](), Counter[str](), Counter[str]()
    wrong = []
    for number in numbers:
        made = mutant(seed, number)
        ways.update(set(made.ways[1:]))
        signal.alarm(_LONGEST)
        verdict = _judge.judge(made.source)
        signal.alarm(0)
        found = classes.of(made.source, verdict) if verdict.is_open else None
        if found:
            known[found.name] += 1
        elif verdict.is_open:
            wrong.append(Wrong(number, made.source, verdict))
        else:
            kinds[verdict.kind] += 1
    return Seen(len(numbers), kinds, known, ways, wrong)


# What is wrong.


def smallest(wrong: list[Wrong], seconds: float) -> Iterator[tuple[Wrong, bytes]]:
    """One mutant of each trouble, with a small stream that has it too."""
    groups: dict[tuple[str, str], list[Wrong]] = {}
    for one in wrong:
        groups.setdefault(one.verdict.signature, []).append(one)
    own = judge()
    for signature, some in groups.items():
        one = min(some[:_KEPT], key=lambda wrong: len(wrong.source))

        def is_same(source: bytes, wanted: tuple[str, str] = signature) -> bool:
            verdict = own.judge(source)
            return verdict.signature == wanted and not classes.of(source, verdict)

        yield one, shrunk(one.source, is_same, seconds)


def processors() -> int:
    """How many processes can run at the same time."""
    return len(os.sched_getaffinity(0))
