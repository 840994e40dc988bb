"""The processes of this machine, as /proc tells of them (proc(5))."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")


class Process(NamedTuple):
    """A process: the words of its command line, and its program, empty where that may not be known."""

    words: tuple[str, ...]
    program: str

    def argument(self, *flags: str) -> str:
        """The value of the first of some flags, empty where none is given.

        >>> Process(("x", "--config=a", "-b", "c"), "").argument("--config", "-b")
        'a'
        """
        words = iter(self.words[1:])
        for word in words:
            flag, is_joined, value = word.partition("=")
            if flag in flags:
                return value if is_joined else next(words, "")
        return ""


def running(name: str) -> Iterator[Process]:
    """The processes of a name, which Linux cuts behind 15 characters; none where there is no /proc."""
    for folder in sorted(PROC.glob("[0-9]*"), key=lambda path: int(path.name)):
        with suppress(OSError):
            if (folder / "comm").read_text(encoding="utf-8", errors="replace").rstrip("\n") == name:
                words = (folder / "cmdline").read_bytes().decode(errors="replace").split("\0")
                yield Process(tuple(words[:-1]), _program(folder))


def _program(folder: Path) -> str:
    try:
        return str((folder / "exe").readlink())
    except OSError:
        return ""
