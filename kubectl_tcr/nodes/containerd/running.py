"""The containerd that runs on this machine: whether it was started before its configuration was changed."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from kubectl_tcr.nodes.containerd.config_toml import ConfigToml
from kubectl_tcr.nodes.plan import Node

_PROC = Path("/proc")


def newer(node: Node, config: ConfigToml) -> str | None:
    """The first file of its configuration that it has not read, empty for none; None where nobody can tell."""
    started = _started() if node.is_this_machine else []
    if len(started) != 1:
        return None
    return next((file.path for file in config.files if _changed(node, file.path) > started[0]), "")


def _changed(node: Node, path: str) -> float:
    with suppress(OSError):
        return node.place(path).stat().st_mtime
    return 0


def _started() -> list[float]:
    """When each containerd that sees the same files was started, in seconds since the epoch; those of kind do not."""
    with suppress(OSError, ValueError):
        booted = time.time() - float((_PROC / "uptime").read_text("ascii").split()[0])
        return [booted + ticks / os.sysconf("SC_CLK_TCK") for ticks in _ticks(_PROC.glob("[0-9]*"))]
    return []


def _ticks(processes: Iterable[Path]) -> Iterator[int]:
    """Since the machine was booted."""
    here = (_PROC / "self/ns/mnt").stat().st_ino
    for process in processes:
        with suppress(OSError, ValueError):  # it may have ended
            name, _, rest = (process / "stat").read_text("utf-8", "replace").rpartition(")")
            if name.endswith("(containerd") and (process / "ns/mnt").stat().st_ino == here:
                yield int(rest.split()[19])  # field 22, starttime (proc_pid_stat(5)); the state is the third
