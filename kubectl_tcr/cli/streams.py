"""The standard streams at the end of a command."""

import os
import sys


def abandon_stdout() -> None:
    """Keep the interpreter from flushing what cannot be written once more."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
