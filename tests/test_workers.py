"""Pieces of work in several processes: in order, not far ahead, and an error arrives as it was raised."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from kubectl_tcr.errors import InputError, InternalError, Location, OutputError, TcrError
from kubectl_tcr.run import workers

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="work is shared out on Linux only")

# Far more than a piece takes, far less than the tests may hang.
LONG = 30


def squared(piece: int) -> int:
    """Late pieces are done first."""
    time.sleep(0.02 * (piece % 3 == 0))
    return piece * piece


def by_itself(_: int) -> int:
    return os.getpid()


def refused(piece: int) -> int:
    if piece == 3:
        raise InputError("cannot be read", Location("a.yaml", 3, 4, 2, "Pod/web"))
    return piece


def held_up(piece: int) -> int:
    raise OutputError(f"cannot write {piece}")


def killed(piece: int) -> int:
    if piece == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return piece


def sent_sigint(piece: int) -> int:
    os.kill(os.getpid(), signal.SIGINT)
    return piece


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    """What hangs must not hang the tests."""

    def hang(*_: object) -> None:
        raise TimeoutError("the workers hang")

    before = signal.signal(signal.SIGALRM, hang)
    signal.alarm(LONG)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_there_is_a_worker_for_each_processor_of_this_process() -> None:
    mine = os.sched_getaffinity(0)
    assert workers.count() == len(mine)
    os.sched_setaffinity(0, {min(mine)})
    try:
        assert workers.count() == 1
    finally:
        os.sched_setaffinity(0, mine)


def test_elsewhere_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert workers.count() == 1


@pytest.mark.parametrize("number", [0, 1, 2, 50])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_results_come_in_the_order_of_the_pieces(number: int, processes: int) -> None:
    done = workers.ordered(squared, range(number), processes)
    assert list(done) == [(piece, piece * piece) for piece in range(number)]


def test_the_work_is_done_in_other_processes() -> None:
    done = {process for _, process in workers.ordered(by_itself, range(20), 2)}
    assert os.getpid() not in done
    assert 1 <= len(done) <= 2


def test_not_many_pieces_are_taken_before_their_turn() -> None:
    taken: list[int] = []

    def pieces() -> Iterator[int]:
        for piece in range(100):
            taken.append(piece)
            yield piece

    ahead = [len(taken) - piece - 1 for piece, _ in workers.ordered(squared, pieces(), 2)]
    assert len(ahead) == 100
    assert 0 < max(ahead) <= 8


def test_an_error_arrives_whole_behind_the_results_in_front_of_it() -> None:
    seen = []
    with pytest.raises(InputError) as caught:
        seen.extend(workers.ordered(refused, range(100), 2))
    assert seen == [(0, 0), (1, 1), (2, 2)]
    assert (caught.value.what, caught.value.where) == ("cannot be read", Location("a.yaml", 3, 4, 2, "Pod/web"))
    assert str(caught.value) == "a.yaml:3:4: document 2 (Pod/web): cannot be read"


def test_an_error_without_a_place_arrives_as_its_own_type() -> None:
    with pytest.raises(OutputError) as caught:
        list(workers.ordered(held_up, range(3), 2))
    assert (str(caught.value), caught.value.where) == ("cannot write 0", None)


def test_an_error_of_the_pieces_ends_the_work() -> None:
    def pieces() -> Iterator[int]:
        yield 1
        raise InputError("invalid UTF-8")

    with pytest.raises(InputError, match="invalid UTF-8"):
        list(workers.ordered(squared, pieces(), 2))


class OddError(Exception):
    """One that cannot be made again in another process."""

    def __init__(self, what: str, _: object) -> None:
        super().__init__(what)


def odd(_: int) -> int:
    raise OddError("x", lambda: None)


def test_an_error_that_does_not_travel_is_told_as_what_must_not_happen() -> None:
    with pytest.raises(InternalError, match=r"^OddError: x; this is a bug of kubectl-tcr"):
        list(workers.ordered(odd, range(3), 2))


def cut_off(piece: int) -> int:
    """The worker is killed while it hands over a result, of which two bytes are there."""

    def half(self: Connection, buf: bytes) -> None:
        os.write(self.fileno(), bytes(buf)[:2])
        os.kill(os.getpid(), signal.SIGKILL)

    if piece == 3:
        Connection._send = half  # type: ignore[attr-defined]
    return piece


def test_a_worker_that_is_killed_while_it_hands_over_a_result_holds_up_nobody() -> None:
    with pytest.raises(TcrError, match="a worker process was killed"):
        list(workers.ordered(cut_off, range(1000), 2))


def test_a_killed_worker_is_told_in_one_line() -> None:
    with pytest.raises(TcrError) as caught:
        list(workers.ordered(killed, range(1000), 2))
    assert str(caught.value) == "a worker process was killed, perhaps for want of memory; run it again"


def test_who_takes_no_more_ends_the_work() -> None:
    done = workers.ordered(squared, range(1_000_000), 2)
    assert next(done) == (0, 0)
    done.close()  # type: ignore[attr-defined] # a generator


def test_workers_leave_an_interrupt_to_the_parent() -> None:
    assert list(workers.ordered(sent_sigint, range(4), 2)) == [(piece, piece) for piece in range(4)]


def test_no_process_is_left_behind() -> None:
    processes = {process for _, process in workers.ordered(by_itself, range(20), 2)}
    for process in processes:
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def test_what_the_caller_does_by_itself_waits_for_no_process_and_is_alone() -> None:
    taken: list[int] = []

    def pieces() -> Iterator[int]:
        for piece in range(9):
            taken.append(piece)
            yield piece

    done = [
        (piece, result, len(taken)) for piece, result in workers.ordered(squared, pieces(), 2, lambda one: one == 3)
    ]
    assert [(piece, result) for piece, result, _ in done] == [
        (piece, None if piece == 3 else piece**2) for piece in range(9)
    ]
    assert done[3][2] == 4
