"""One run at a time on a node: commands and script take the same lock, that of its folder /etc (flock(2))."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kubectl_tcr.errors import NodeError, OutputError
from kubectl_tcr.nodes.plan import Node

# Seconds that a run waits for another, which may be restarting a runtime; the script waits as long (TCR_WAIT).
PATIENCE = 60
_STEP = 0.05


@contextmanager
def locked(node: Node) -> Iterator[None]:
    """Hold the lock of a node; raises OutputError where another run does not let go of it.

    Where there is no such folder yet, or no way to lock one, nothing is held.
    """
    folder = None
    with suppress(NodeError, OSError):
        folder = os.open(node.place("/etc"), os.O_RDONLY)
    if folder is None:
        yield
        return
    try:
        _wait(folder)
        yield
    finally:
        os.close(folder)


def _wait(folder: int) -> None:
    if sys.platform == "win32":
        return
    import fcntl

    until = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                what = "another run of tcr-nodes is at work on this node; wait for its end, then run this again"
                raise OutputError(what) from None
            time.sleep(_STEP)
        else:
            return
