"""Whether the containerd that runs on this machine was started before its configuration was changed."""

from contextlib import suppress

from kubectl_tcr.nodes import processes
from kubectl_tcr.nodes.containerd.config_toml import ConfigToml
from kubectl_tcr.nodes.plan import Node


def newer(node: Node, config: ConfigToml) -> str | None:
    """The first file of its configuration that it has not read, empty for none; None where nobody can tell."""
    started = [one.started for one in processes.running("containerd")] if node.is_this_machine else []
    if len(started) != 1 or not started[0]:
        return None
    return next((file.path for file in config.files if _changed(node, file.path) > started[0]), "")


def _changed(node: Node, path: str) -> float:
    with suppress(OSError):
        return node.place(path).stat().st_mtime
    return 0
