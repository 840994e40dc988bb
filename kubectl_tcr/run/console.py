"""The two standard streams of a run."""

import os
import stat
from collections.abc import Callable
from typing import IO, NamedTuple

from kubectl_tcr.errors import MessageError, OutputError
from kubectl_tcr.run.sources import appends
from kubectl_tcr.signals import Held
from kubectl_tcr.text.printable import graded, printable


class Console(NamedTuple):
    """The two standard streams of a program: bytes for manifests, lines for everything else."""

    out: IO[bytes]
    err: IO[str]
    program: str = "tcr-rewrite"
    is_colored: bool = False

    def deliver(self, fill: Callable[[IO[bytes]], object]) -> None:
        """Have a whole result written to standard output; of one that is cut off, by a full disk, a file keeps nothing.

        Raises OutputError, and BrokenPipeError where nobody reads on.
        """
        end = _end(self.out)
        try:
            with Held():
                fill(self.out)
                self.out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            what = "nothing of it was kept" if _is_cut(self.out, end) else "what is there is incomplete, do not use it"
            raise OutputError(f"cannot write the output: {error.strerror}; {what}") from None

    def say(self, text: str) -> None:
        """Tell something in the program's name."""
        self.tell(f"{self.program}: {text}")

    def warn(self, text: str) -> None:
        """Tell what may be wrong."""
        self.grade("warning", text)

    def grade(self, grade: str, text: str) -> None:
        """Tell what is wrong, an `error` or a `warning`."""
        self.put(graded(self.program, grade, text, is_colored=self.is_colored))

    def tell(self, text: str) -> None:
        """Write a text as one line to standard error, whatever it holds."""
        self.put(printable(text))

    def put(self, line: str) -> None:
        """Write a line that is safe to show already, such as a command to a CI runner.

        Raises MessageError.
        """
        try:
            self.err.write(f"{line}\n")
        except BrokenPipeError:
            raise
        except OSError as error:
            raise MessageError(f"cannot write to standard error: {error.strerror}") from None


def _end(out: IO[bytes]) -> int | None:
    """Where a file ends to which only is added, None for what is no file, or is written over."""
    try:
        descriptor = out.fileno()
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            is_at_end = appends(descriptor) or os.lseek(descriptor, 0, os.SEEK_CUR) == status.st_size
            return status.st_size if is_at_end else None
    except OSError:  # there is nothing behind it, as in a test
        pass
    return None


def _is_cut(out: IO[bytes], end: int | None) -> bool:
    """Whether what was added to a file is gone again."""
    if end is None:
        return False
    try:
        os.ftruncate(out.fileno(), end)
    except OSError:
        return False
    return True
