"""What a command that reads manifests begins with: its standard streams, and garbage that is collected rarely."""

import gc
import os
import sys
from io import RawIOBase
from typing import IO

from kubectl_tcr.cli import outcome
from kubectl_tcr.errors import OutputError
from kubectl_tcr.run.console import Console


def console(program: str) -> Console:
    """The standard streams of a program; raises OutputError where there is nothing to write to."""
    if sys.stdout is None:
        raise OutputError("cannot write the output: standard output is closed")
    err = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 see run/sources.py
    return Console(_whole(sys.stdout.buffer), err, program, outcome.is_colored())


def _whole(out: IO[bytes]) -> IO[bytes]:
    """A stream that writes all that it is given, or raises: without a buffer (PYTHONUNBUFFERED) it may write a part."""
    return open(out.fileno(), "wb", closefd=False) if isinstance(out, RawIOBase) else out


def collect_rarely() -> None:
    """Values come and go by the million and few form cycles: the default of 700 costs a tenth of a run."""
    gc.set_threshold(10_000, 10, 10)
