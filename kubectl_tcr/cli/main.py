"""The entry points: whatever happens ends in an exit status and at most one line, never in a traceback.

This module loads next to nothing by itself, so that an interrupt is caught from its first line on.
"""

import os
import sys

# The builtin half of the module signal, which takes time to load.
from _signal import SIGINT, default_int_handler, getsignal, signal

from kubectl_tcr.statuses import INTERRUPTED

TYPE_CHECKING = False  # see kubectl_tcr/__init__.py
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn


def rewrite() -> "NoReturn":
    """The entry point of `kubectl-tcr_rewrite`."""
    _run("rewrite", "main")


def nodes() -> "NoReturn":
    """The entry point of `kubectl-tcr_nodes`."""
    _run("nodes", "main")


def complete_rewrite() -> "NoReturn":
    """The entry point of `kubectl_complete-tcr_rewrite`."""
    _run("complete", "rewrite")


def complete_nodes() -> "NoReturn":
    """The entry point of `kubectl_complete-tcr_nodes`."""
    _run("complete", "nodes")


def _run(module: str, name: str) -> "NoReturn":
    """Load a command and run it; an interrupt before and behind it ends the process at once."""
    is_heeded = getsignal(SIGINT) is default_int_handler  # nohup and shells in the background have it ignored
    if is_heeded:
        signal(SIGINT, _end)
    from importlib import import_module

    command = getattr(import_module(f"kubectl_tcr.cli.{module}"), name)
    from kubectl_tcr.cli.outcome import status_of

    def begun() -> int:
        if not is_heeded:
            return int(command())
        try:
            signal(SIGINT, default_int_handler)
            return int(command())
        finally:
            signal(SIGINT, _end)

    sys.exit(status_of(begun))


def _end(_number: int, _frame: "FrameType | None") -> None:
    os._exit(INTERRUPTED)
