"""Runs a program and tells how long it took and how much memory it held."""

import hashlib
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, NamedTuple

# The unit of ru_maxrss: getrusage(2) says kilobytes on Linux, bytes on macOS.
_MAXRSS = 1 if sys.platform == "darwin" else 1024

# Seconds. The slowest run that is meant to end, 1 GB at 1 MB/s, takes less.
PATIENCE = 1800.0


class Run(NamedTuple):
    """A process that ended: wall time in seconds, peak resident memory in bytes."""

    seconds: float
    peak: int
    status: int
    message: str

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

    One that takes longer than `patience` seconds is killed.
    """
    target = os.devnull if output is None else str(output)
    with tempfile.TemporaryFile() as errors:
        files = (
            (os.POSIX_SPAWN_OPEN, 0, str(source), os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_DUP2, errors.fileno(), 2),
        )
        started = time.perf_counter()
        process = os.posix_spawnp(command[0], command, os.environ, file_actions=files)
        watch = threading.Timer(patience, os.kill, (process, signal.SIGKILL))
        watch.start()
        try:
            _, status, usage = os.wait4(process, 0)
        finally:
            watch.cancel()
        seconds = time.perf_counter() - started
        return Run(seconds, usage.ru_maxrss * _MAXRSS, os.waitstatus_to_exitcode(status), _text(errors))


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
