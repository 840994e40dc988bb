"""Runs a program and tells how long it took and how much memory it and its children held."""

import hashlib
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

# The unit of ru_maxrss: getrusage(2) says kilobytes on Linux, bytes on macOS.
_MAXRSS = 1 if sys.platform == "darwin" else 1024

# Seconds. The slowest run that is meant to end, 1 GB at 1 MB/s, takes less.
PATIENCE = 1800.0

# Seconds between two looks at the memory of a run; a look takes about half a millisecond for each process.
_INTERVAL = 0.1
_PROC = Path("/proc")


class Run(NamedTuple):
    """A process that ended: wall time in seconds, peak memory of it and its children in bytes, CPU time of all."""

    seconds: float
    peak: int
    status: int
    message: str
    cpu: float = 0.0

    @property
    def failure(self) -> str:
        """What went wrong, in a line; empty if nothing did."""
        if self.status == 0:
            return ""
        if self.status == -signal.SIGKILL:
            return f"killed after {self.seconds:.0f} s"
        lines = self.message.strip().splitlines() or ["no message"]
        return f"status {self.status}: {lines[-1]}"


def run(command: tuple[str, ...], source: Path, output: Path | None = None, patience: float = PATIENCE) -> Run:
    """Run a command with a file as its standard input; what it writes goes to `output` or is dropped.

    One that takes longer than `patience` seconds is killed, its children too.
    """
    target = os.devnull if output is None else str(output)
    with tempfile.TemporaryFile() as errors:
        files = (
            (os.POSIX_SPAWN_OPEN, 0, str(source), os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
        )
        started = time.perf_counter()
        process = os.posix_spawnp(command[0], command, _environment(), file_actions=files, setpgroup=0)
        watch = Watch(process, patience)
        watch.start()
        try:
            _, status, usage = os.wait4(process, 0)
            seconds = time.perf_counter() - started
        except BaseException:
            os.killpg(process, signal.SIGKILL)
            raise
        finally:
            watch.end()
        peak = max(usage.ru_maxrss * _MAXRSS, watch.peak)
        cpu = usage.ru_utime + usage.ru_stime
        return Run(seconds, peak, os.waitstatus_to_exitcode(status), _text(errors), cpu)


def _environment() -> dict[str, str]:
    """The environment of every run: byte code is read and kept, as it is where something is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class Watch(threading.Thread):
    """Looks at a process and all below it until it ends, and kills them after `patience` seconds.

    `peak` is the most bytes that they held at one time: the sum of their proportional set sizes
    (PSS, proc_pid_smaps(5)), in which a page that three forked processes share counts once. It is
    0 for a run that ends before the first look, and where the system tells no PSS (macOS).
    """

    def __init__(self, process: int, patience: float) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._process = process
        self._deadline = time.monotonic() + patience
        self._ended = threading.Event()

    def run(self) -> None:
        """Look at regular intervals."""
        while not self._ended.wait(_INTERVAL):
            self.peak = max(self.peak, sum(map(_held, _family(self._process))))
            if time.monotonic() > self._deadline:
                os.killpg(self._process, signal.SIGKILL)
                return

    def end(self) -> None:
        """Look no more."""
        self._ended.set()
        self.join()


def _family(process: int) -> Iterator[int]:
    """A process and all below it, as far as they are there still."""
    yield process
    for children in _PROC.glob(f"{process}/task/*/children"):
        try:
            found = children.read_text().split()
        except OSError:
            continue
        for child in found:
            yield from _family(int(child))


def _held(process: int) -> int:
    """The proportional set size of a process in bytes, 0 if it is gone."""
    try:
        lines = (_PROC / str(process) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def _text(errors: IO[bytes]) -> str:
    errors.seek(0)
    return errors.read(10_000).decode(errors="replace")


def floor() -> int:
    """The least peak that `run` can tell: a process starts as a copy of the one that measures."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS


def digest(path: Path) -> str:
    """A hash of a file, read in pieces: what is held here would count as memory of every run."""
    with path.open("rb", buffering=0) as file:
        sha = hashlib.sha256()
        while piece := file.read(1 << 18):
            sha.update(piece)
        return sha.hexdigest()
