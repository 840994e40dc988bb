"""SIGINT, SIGTERM and SIGHUP: the output is empty or whole, every file is old or new, and nothing is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from .conftest import MIRRORED, POD, PROGRAM, TIMEOUT, Folder, at_loading, needs_posix

pytestmark = needs_posix

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP] if sys.platform != "win32" else []
each = pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)


@pytest.fixture(autouse=True)
def heeded() -> Iterator[None]:
    """Children that heed all of them, also where the tests run in the background or under nohup and do not."""
    before = [signal.signal(number, signal.SIG_DFL) for number in SIGNALS[1:]]
    before.insert(0, signal.signal(signal.SIGINT, signal.default_int_handler))
    yield
    for number, handler in zip(SIGNALS, before, strict=True):
        signal.signal(number, handler)


def ended(running: subprocess.Popen[bytes], number: int) -> tuple[bytes, str]:
    """Both streams of a run that a signal ends; it is sent again where Python looks at it only behind a second read."""
    for _ in range(TIMEOUT):
        running.send_signal(number)
        try:
            out, err = running.communicate(timeout=3)
        except subprocess.TimeoutExpired:
            continue
        assert running.returncode == 128 + number
        assert "Traceback" not in err.decode()
        return out, err.decode()
    raise TimeoutError


@each
def test_standard_input_is_waited_for(folder: Folder, number: int) -> None:
    running = folder.start("-v")
    assert running.stdin is not None
    assert running.stderr is not None
    running.stdin.write(POD)
    running.stdin.flush()
    assert running.stderr.readline().startswith(b"tcr-rewrite: parser")
    out, err = ended(running, number)
    assert (out, "error" in err) == (b"", False)


@each
@pytest.mark.parametrize("module", ["kubectl_tcr.cli.rewrite", "kubectl_tcr.cli.outcome", "kubectl_tcr.run.work"])
def test_a_command_is_loaded(folder: Folder, number: int, module: str) -> None:
    done = folder.command(*at_loading("rewrite", module, number), input=POD)
    assert done == (128 + number, b"", "")


@each
def test_one_that_is_ignored_as_under_nohup_stays_so(folder: Folder, number: int) -> None:
    before = signal.signal(number, signal.SIG_IGN)
    try:
        done = folder.command(*at_loading("rewrite", "kubectl_tcr.run.work", number), input=POD)
    finally:
        signal.signal(number, before)
    assert (done.status, done.out) == (0, MIRRORED)


# The last copy: more than a pipe takes, so that it waits for whoever reads.

MANY = POD + b"---\n" + b"".join(b"# line %d\n" % number for number in range(60_000))


@pytest.fixture
def copying(folder: Folder) -> Iterator[subprocess.Popen[bytes]]:
    """A run that has begun to write its output, and waits for somebody to read it."""
    folder.write("many.yaml", MANY)
    running = folder.start("-q", "many.yaml")
    assert running.stdout is not None
    assert os.read(running.stdout.fileno(), 1) == MIRRORED[:1]
    yield running
    running.kill()
    running.communicate()


@each
def test_the_last_copy_is_not_broken_off(copying: subprocess.Popen[bytes], number: int) -> None:
    copying.send_signal(number)
    time.sleep(0.2)
    out, err = copying.communicate(timeout=TIMEOUT)
    assert (copying.returncode, err) == (128 + number, b"")
    assert MIRRORED[:1] + out == MANY.replace(POD, MIRRORED)


def test_a_second_interrupt_does_not_wait_for_the_reader(copying: subprocess.Popen[bytes]) -> None:
    for _ in range(2):
        copying.send_signal(signal.SIGINT)
        time.sleep(0.2)
    copying.wait(TIMEOUT)
    assert copying.returncode == 130


@pytest.mark.parametrize("number", SIGNALS[1:], ids=lambda number: number.name)
def test_another_signal_twice_still_waits(copying: subprocess.Popen[bytes], number: int) -> None:
    for _ in range(2):
        copying.send_signal(number)
        time.sleep(0.2)
    out, _ = copying.communicate(timeout=TIMEOUT)
    assert copying.returncode == 128 + number
    assert MIRRORED[:1] + out == MANY.replace(POD, MIRRORED)


def test_a_reader_that_leaves_ends_the_copy_all_the_same(copying: subprocess.Popen[bytes]) -> None:
    assert copying.stdout is not None
    copying.stdout.close()
    copying.wait(TIMEOUT)
    assert copying.returncode == 141


@each
def test_a_report_on_standard_output_is_not_broken_off_either(folder: Folder, number: int) -> None:
    folder.write("many.yaml", b"---\n".join([POD] * 400))
    whole = folder.run("--check", "-q", "--report", "-", "many.yaml").out
    running = folder.start("--check", "-q", "--report", "-", "many.yaml")
    assert running.stdout is not None
    first = os.read(running.stdout.fileno(), 1)
    running.send_signal(number)
    time.sleep(0.2)
    out, _ = running.communicate(timeout=TIMEOUT)
    assert (running.returncode, first + out) == (128 + number, whole)


# In place.


@each
def test_in_place_every_file_is_old_or_new_and_none_is_left(folder: Folder, number: int) -> None:
    names = [f"{index:04}.yaml" for index in range(2_000)]
    for name in names:
        folder.write(name, POD)
    running = folder.start("--in-place", *names)
    deadline = time.monotonic() + TIMEOUT
    while folder.read(names[10]) == POD and time.monotonic() < deadline:
        time.sleep(0.001)
    ended(running, number)
    found = [folder.read(name) for name in names]
    done = found.count(MIRRORED)
    assert 10 < done < len(names)
    assert found == [MIRRORED] * done + [POD] * (len(names) - done)
    assert folder.names() == names


WRITING = """\
import os, signal, sys
from kubectl_tcr import files
from kubectl_tcr.cli import main
def sync(descriptor):
    os.kill(os.getpid(), int(sys.argv.pop()))
files.os.fsync = sync
main.rewrite()
"""


@each
def test_a_file_that_is_half_written_is_taken_away(folder: Folder, number: int) -> None:
    folder.write("pod.yaml", POD)
    done = folder.command(sys.executable, "-c", WRITING, "-i", "pod.yaml", str(int(number)))
    assert done == (128 + number, b"", "")
    assert (folder.names(), folder.read("pod.yaml")) == (["pod.yaml"], POD)


# Workers.


def children(process: int) -> set[int]:
    with suppress(OSError):
        return set(map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split()))
    return set()


@pytest.mark.skipif(sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="one process does all")
@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_workers_in_place_leave_nothing_when_all_of_them_get_it(folder: Folder, number: int) -> None:
    """As a terminal and `kill -- -GROUP` send it."""
    names = [f"{index:04}.yaml" for index in range(400)]
    text = POD + b"---\n" + b"# line\n" * 1_500
    for name in names:
        folder.write(name, text)
    running = subprocess.Popen(
        [PROGRAM, "-q", "-i", "-R", "."],
        cwd=folder.path,
        env=folder.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    deadline = time.monotonic() + TIMEOUT
    while folder.read(names[0]) == text and time.monotonic() < deadline:
        time.sleep(0.001)
    workers = children(running.pid)
    assert workers
    os.killpg(running.pid, number)
    out, err = running.communicate(timeout=TIMEOUT)
    assert (running.returncode, out, err) == (128 + number, b"", b"")
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert folder.names() == names
    assert {folder.read(name) for name in names} <= {text, text.replace(POD, MIRRORED)}
