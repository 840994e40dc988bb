"""The standard streams of a command, any of which may be closed from the start."""

import os
import sys

from kubectl_tcr.errors import OutputError
from kubectl_tcr.run.console import Console


def console(program: str) -> Console:
    """The standard streams of a program; raises OutputError where there is nothing to write to."""
    if sys.stdout is None:
        raise OutputError("cannot write the output: standard output is closed")
    err = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 see run/sources.py
    return Console(sys.stdout.buffer, err, program)
