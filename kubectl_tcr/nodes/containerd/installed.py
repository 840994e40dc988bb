"""What the containerd of a node says of itself, where it can be asked: its release and its configuration."""

import subprocess
from typing import NamedTuple

from kubectl_tcr.errors import NodeError
from kubectl_tcr.nodes.containerd.release import Release, release
from kubectl_tcr.nodes.plan import Node

# Seconds that it has to answer.
PATIENCE = 10


class Installed(NamedTuple):
    """The release, None if it is not known, and `containerd config dump`, empty if it could not be asked."""

    release: Release | None = None
    dump: str = ""


def installed(node: Node, version: str, file: str, program: str) -> Installed:
    """By the version that the user names; on this machine containerd itself is asked. Raises NodeError.

    `program` is the one to ask, empty for none. The configuration that it tells holds defaults and imported files as
    this release merges them.
    """
    if not node.is_this_machine:
        return Installed(release(version) if version else None)
    try:
        found = release(version or _said(program, "--version"))
    except NodeError:
        if version:
            raise
        return Installed()
    return Installed(found, "" if version else _said(program, "--config", file, "config", "dump"))


def _said(program: str, *words: str) -> str:
    """The standard output of containerd, empty where it is not there or fails."""
    if not program:
        return ""
    try:
        done = subprocess.run([program, *words], capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""
    return "" if done.returncode else done.stdout
