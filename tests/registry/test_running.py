"""A loop beside the thread that waits: what is raised, and what an interrupt ends."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from kubectl_tcr.registry import running

# Asks a server that says nothing, as a command would: with the signals of commands. `SLOW` stands for more.
PROGRAM = """
import socket, sys, time
from kubectl_tcr import signals
from kubectl_tcr.registry.asking import ask
from kubectl_tcr.registry.question import Question, Settings

signals.end_in_order(signals.heeded())
silent = socket.create_server(("127.0.0.1", 0), backlog=64)
host = "127.0.0.1:%d" % silent.getsockname()[1]
SLOW
settings = Settings(proxies=False, plain_http=frozenset([host]))
questions = [Question(host, f"a{number}", "1") for number in range(30)] + [Question("slow.example", "a", "1")]
print("asking", flush=True)
try:
    ask(questions, settings)
except signals.Ended as ended:
    print(ended.status, flush=True)
silent.close()
"""
LOOK_UP = "look_up = socket.getaddrinfo\nsocket.getaddrinfo = lambda *name, **more: time.sleep(100)"
CREDENTIALS = """
class Slow:
    find = lambda *_: time.sleep(100)
Settings = Settings(credentials=Slow())._replace
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("slow", ["", LOOK_UP, CREDENTIALS], ids=["a server", "a name server", "a helper"])
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.usefixtures("interruptible")
def test_a_signal_ends_what_hangs_at_once_and_without_a_word(number: signal.Signals, slow: str) -> None:
    program = PROGRAM.replace("SLOW", slow)
    words = [sys.executable, "-W", "error", "-c", program]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as asking:
        assert asking.stdout
        assert asking.stdout.readline() == "asking\n"
        with pytest.raises(subprocess.TimeoutExpired):
            asking.wait(1)
        asking.send_signal(number)
        out, err = asking.communicate(timeout=30)
    assert (asking.returncode, out, err) == (0, f"{128 + number}\n", "")


async def two(emit: Callable[[int], None]) -> None:
    emit(1)
    await asyncio.sleep(0)
    emit(2)


def test_what_work_emits_comes_in_its_order() -> None:
    assert list(running.emitted(two, 20)) == [1, 2]


def test_what_work_raises_is_raised_where_it_is_waited_for() -> None:
    async def failing(emit: Callable[[int], None]) -> None:
        emit(1)
        raise ZeroDivisionError

    heard = running.emitted(failing, 20)
    assert next(heard) == 1
    with pytest.raises(ZeroDivisionError):
        next(heard)


def test_work_whose_time_is_over_is_cancelled() -> None:
    ended: list[str] = []

    async def endless(_: Callable[[int], None]) -> None:
        try:
            await asyncio.sleep(100)
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(TimeoutError):
        list(running.emitted(endless, 0.2))
    assert ended == ["cancelled"]


# The modules that commands load before they ask, and what they must not bring along.
LIGHT = [
    "kubectl_tcr.registry.asking",
    "kubectl_tcr.registry.authfiles",
    "kubectl_tcr.cli.nodes",
    "kubectl_tcr.cli.check",
    "kubectl_tcr.nodes.online",
    "kubectl_tcr.nodes.containerd.prove",
]


@pytest.mark.parametrize("module", LIGHT)
def test_httpx_is_loaded_by_the_first_question_only(module: str) -> None:
    program = f"import sys, {module}; sys.exit(any(name in sys.modules for name in ('httpx', 'asyncio', 'ssl')))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
