"""The entry points: whatever happens ends in an exit status and at most one line, never in a traceback.

This module loads next to nothing by itself, so that an interrupt is caught from its first line on.
"""

import sys

from kubectl_tcr import signals

TYPE_CHECKING = False  # see kubectl_tcr/__init__.py
if TYPE_CHECKING:
    from typing import NoReturn


def rewrite() -> "NoReturn":
    """The entry point of `kubectl-tcr_rewrite`."""
    _run("rewrite", "main")


def nodes() -> "NoReturn":
    """The entry point of `kubectl-tcr_nodes`."""
    _run("nodes", "main")


def images() -> "NoReturn":
    """The entry point of `kubectl-tcr_images`."""
    _run("images", "main")


def policy() -> "NoReturn":
    """The entry point of `kubectl-tcr_policy`."""
    _run("policy", "main")


def complete_rewrite() -> "NoReturn":
    """The entry point of `kubectl_complete-tcr_rewrite`."""
    _run("complete", "rewrite")


def complete_nodes() -> "NoReturn":
    """The entry point of `kubectl_complete-tcr_nodes`."""
    _run("complete", "nodes")


def complete_images() -> "NoReturn":
    """The entry point of `kubectl_complete-tcr_images`."""
    _run("complete", "images")


def complete_policy() -> "NoReturn":
    """The entry point of `kubectl_complete-tcr_policy`."""
    _run("complete", "policy")


def _run(module: str, name: str) -> "NoReturn":
    """Load a command and run it; a signal before and behind it ends the process at once."""
    heeded = signals.heeded()
    signals.end_at_once(heeded)
    from importlib import import_module

    command = getattr(import_module(f"kubectl_tcr.cli.{module}"), name)
    from kubectl_tcr.cli.outcome import status_of

    def begun() -> int:
        try:
            signals.end_in_order(heeded)
            return int(command())
        except Exception:
            signals.settle()
            raise
        finally:
            signals.end_at_once(heeded)

    sys.exit(status_of(begun, f"kubectl tcr-{name if module == 'complete' else module}"))
