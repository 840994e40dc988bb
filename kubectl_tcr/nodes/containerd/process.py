"""The containerd that runs on this machine: where its configuration and its socket are, and its program."""

import os
import shutil
from collections.abc import Iterator
from typing import NamedTuple

from kubectl_tcr.errors import NodeError
from kubectl_tcr.nodes import kubelet, processes, toml
from kubectl_tcr.nodes.containerd.config_toml import CONFIG
from kubectl_tcr.nodes.plan import Node

SOCKET = "/run/containerd/containerd.sock"
# Docker and K3s have a containerd of their own.
_OTHERS = ("/run/docker/", "/run/k3s/")
# Where programs are that the PATH of sudo or of cloud-init may lack.
_FOLDERS = os.pathsep.join(("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"))


class Running(NamedTuple):
    """Its socket, its configuration, and its program, empty where there is none."""

    socket: str = SOCKET
    config: str = CONFIG
    program: str = ""


def running(node: Node) -> Running:
    """The one that the kubelet uses, else that of the default socket, else the only one; raises NodeError.

    Of a node that is not this machine nothing runs here.
    """
    if not node.is_this_machine:
        return Running()
    wanted = kubelet.socket(node)
    wanted = wanted if "containerd" in wanted else ""
    found = {one.socket: one for one in _all(node) if not one.socket.startswith(_OTHERS)}
    one = found.get(wanted or SOCKET)
    if one is None and not wanted and found:
        if len(found) > 1:
            raise NodeError(f"several containerds run ({', '.join(found)}); name the file of one with --config-toml")
        one = next(iter(found.values()))
    return one or Running(wanted or SOCKET, program=program("containerd"))


def program(name: str) -> str:
    """A program of this machine, empty where there is none."""
    return shutil.which(name) or shutil.which(name, path=_FOLDERS) or ""


def _all(node: Node) -> Iterator[Running]:
    for process in processes.running("containerd"):
        config = process.argument("--config", "-c") or CONFIG
        socket = kubelet.path_of(process.argument("--address", "-a") or _address(node, config) or SOCKET)
        yield Running(socket, config, shutil.which(process.program) or program("containerd"))


def _address(node: Node, config: str) -> str:
    try:
        found = toml.at(toml.load(node.text(config) or "", config), ("grpc", "address"))
    except NodeError:  # told by who reads the file
        return ""
    return found if isinstance(found, str) else ""
