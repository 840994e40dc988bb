"""Runs that are killed, ended by a signal, or out of disk, at any moment: a hundred rounds of each.

Whatever happens, standard output is empty or whole, every file is the old one or the new one, and the next run takes
away what was left behind. The moments follow from the round, as far as a machine lets them.
"""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PROGRAM = Path(sys.executable).parent / "kubectl-tcr_rewrite"
ROUNDS = 100
TIMEOUT = 120

POD = b"apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: a, image: quay.io/a/b:1}]}\n"
MOVED = POD.replace(b"quay.io", b"quay.tencentcloudcr.com")
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def statuses(number: int) -> set[int]:
    """What a run may end with that got a signal: done in front of it, ended by it, or all but gone when it came."""
    return {0, 128 + number, -number}


class Ended(NamedTuple):
    """How a run ended: its status, negative for a signal that it could not heed, and both streams."""

    status: int
    out: bytes
    err: str


@pytest.fixture(autouse=True)
def heeded() -> Iterator[None]:
    """Children that heed every signal, wherever the tests run."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def run(folder: Path, *args: str, number: int = 0, after: float = 0, limit: int = 0) -> Ended:
    """Run in a folder; after some seconds all its processes get a signal; no file may grow beyond a limit in bytes."""
    running = subprocess.Popen(
        [PROGRAM, "-q", *args],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=(lambda: limited(limit)) if limit else None,  # noqa: PLW1509 there are no threads here
    )
    if number:
        begun(running)
        time.sleep(after)
        os.killpg(running.pid, number)
    out, err = running.communicate(timeout=TIMEOUT)
    assert b"Traceback" not in err
    return Ended(running.returncode, out, err.decode())


def begun(running: subprocess.Popen[bytes]) -> None:
    """Wait for the first lines of ours: what a signal does in front of them is up to the interpreter.

    A run that has ended is not waited for, so that its number is nobody else's when the signal is sent.
    """
    while not _is_ready(running.pid):
        time.sleep(0.001)


def _is_ready(process: int) -> bool:
    """Whether a process has a handler for SIGTERM, or has ended (proc(5), SigCgt and State)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    status = {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return status["State"].startswith("Z") or bool(int(status["SigCgt"], 16) >> (signal.SIGTERM - 1) & 1)


def limited(size: int) -> None:
    """Let no file grow beyond a size: what a full disk does, at any byte."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def took(folder: Path, *args: str) -> float:
    """How long a run takes that is left alone, in seconds."""
    start = time.monotonic()
    assert run(folder, *args).status == 0
    return time.monotonic() - start


def tree(folder: Path, text: bytes, count: int) -> list[Path]:
    """A folder of as many files, each written anew."""
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{index:02}.yaml" for index in range(count)]
    for path in paths:
        path.write_bytes(text)
    return paths


def moments(seconds: float) -> Iterator[float]:
    """A moment for each round, from the start of a run to its end."""
    chance = random.Random(2024)
    for _ in range(ROUNDS):
        yield chance.uniform(0, seconds * 1.1)


def by_turns() -> Iterator[int]:
    """A signal for each round."""
    return (ENDING[index % len(ENDING)] for index in range(ROUNDS))


@pytest.mark.parametrize(
    ("text", "count"),
    [(POD, 40), (POD + b"---\n" + b"# line\n" * 30_000, 15)],
    ids=["by one process", "by several"],
)
def test_killed_in_place_every_file_is_old_or_new_and_the_next_run_clears_up(
    tmp_path: Path, text: bytes, count: int
) -> None:
    folder = tmp_path / "tree"
    new = text.replace(POD, MOVED)
    tree(folder, text, count)
    left = 0
    for after in moments(took(folder, "-i", "-R", ".")):
        paths = tree(folder, text, count)
        run(folder, "-i", "-R", ".", number=signal.SIGKILL, after=after)
        assert {path.read_bytes() for path in paths} <= {text, new}
        left += len(set(folder.iterdir()) - set(paths))
        assert run(folder, "-i", "-R", ".") == (0, b"", "")
        assert sorted(folder.iterdir()) == paths
        assert {path.read_bytes() for path in paths} == {new}
    assert left > 0, "no round was killed while a file was written, so nothing was tried"


def test_ended_in_place_every_file_is_old_or_new_and_nothing_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    tree(folder, POD, 40)
    seen = set()
    for after, number in zip(moments(took(folder, "-i", "-R", ".")), by_turns(), strict=True):
        paths = tree(folder, POD, 40)
        done = run(folder, "-i", "-R", ".", number=number, after=after)
        assert (done.out, done.err) == (b"", "")
        assert done.status in statuses(number)
        assert {path.read_bytes() for path in paths} <= {POD, MOVED}
        assert sorted(folder.iterdir()) == paths
        seen.add(done.status)
    assert seen >= {128 + number for number in ENDING}


@pytest.mark.parametrize("lines", [5_000, 900_000], ids=["in memory", "by several processes and a temporary file"])
def test_ended_the_output_is_empty_or_whole(tmp_path: Path, lines: int) -> None:
    folder = tmp_path / "tree"
    text = b"---\n".join([POD, *[b"# line\n" * 5_000] * (lines // 5_000), POD])
    tree(folder, text, 1)
    whole = text.replace(POD, MOVED)
    seen = set()
    for after, number in zip(moments(took(folder, "00.yaml")), by_turns(), strict=True):
        done = run(folder, "00.yaml", number=number, after=after)
        assert done.out in (b"", whole)
        assert done.err == ""
        assert done.status in statuses(number)
        assert done.out or done.status
        assert [path.name for path in tmp_path.iterdir()] == ["tree"]
        seen.add((done.status, done.out != b""))
    assert seen >= {(128 + number, False) for number in ENDING}


def test_out_of_disk_in_place_a_file_is_old_or_new_and_nothing_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    text = POD + b"# line\n" * 2_000
    new = text.replace(POD, MOVED)
    chance = random.Random(2024)
    for _ in range(ROUNDS):
        limit = chance.randint(1, len(new))
        [path] = tree(folder, text, 1)
        done = run(folder, "-i", "00.yaml", limit=limit)
        if limit < len(new):
            assert (done.status, done.out) == (2, b"")
            assert done.err == f"tcr-rewrite: error: cannot write {path}: File too large\n"
        assert path.read_bytes() == (text if limit < len(new) else new)
        assert [one.name for one in folder.iterdir()] == ["00.yaml"]


def test_out_of_disk_for_the_temporary_file_the_output_is_empty(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    text = POD + b"---\n" + b"# line\n" * 700_000
    tree(folder, text, 1)
    chance = random.Random(2024)
    for _ in range(ROUNDS):
        done = run(folder, "00.yaml", limit=chance.randint(1, len(text)))
        assert done == (2, b"", "tcr-rewrite: error: cannot write the temporary file: File too large\n")
        assert [path.name for path in tmp_path.iterdir()] == ["tree"]
