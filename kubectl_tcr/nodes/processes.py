"""The processes of this machine, as /proc tells of them (proc(5))."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")


class Process(NamedTuple):
    """A process: the words of its command line, its program and when it was started.

    The program is empty where it may not be known; the start is in seconds since the epoch, 0 where it is not known.
    """

    words: tuple[str, ...]
    program: str = ""
    started: float = 0

    def argument(self, *flags: str) -> str:
        """The value of the first of some flags, empty where none is given.

        >>> Process(("x", "--config=a", "-b", "c")).argument("--config", "-b")
        'a'
        """
        words = iter(self.words[1:])
        for word in words:
            flag, is_joined, value = word.partition("=")
            if flag in flags:
                return value if is_joined else next(words, "")
        return ""


def running(name: str) -> Iterator[Process]:
    """The processes of a name that see the same files; none where there is no /proc.

    Linux cuts a name behind 15 characters. What runs in a container, as the nodes of kind do, sees other files.
    """
    here = _link(PROC / "self/ns/mnt")
    for folder in sorted(PROC.glob("[0-9]*"), key=lambda path: int(path.name)):
        with suppress(OSError):
            is_called_so = (folder / "comm").read_text(encoding="utf-8", errors="replace").rstrip("\n") == name
            if is_called_so and (_link(folder / "ns/mnt") or here) == here:
                words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
                yield Process(tuple(words[:-1]), _link(folder / "exe"), _started(folder))


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""


def _started(folder: Path) -> float:
    with suppress(OSError, ValueError, IndexError):
        booted = time.time() - float((PROC / "uptime").read_text("ascii").split()[0])
        behind_name = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        # Field 22, starttime (proc_pid_stat(5)), in ticks since then; the state is the third.
        return booted + int(behind_name[19]) / os.sysconf("SC_CLK_TCK")
    return 0
