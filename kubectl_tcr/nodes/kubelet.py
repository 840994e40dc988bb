"""What the kubelet of a node says of its runtime.

Sources: kubernetes.io/docs/reference/command-line-tools-reference/kubelet (`--container-runtime-endpoint`),
kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1 (`containerRuntimeEndpoint`), and kubeadm, which writes
its flags into a file of their own.
"""

import re

from kubectl_tcr.errors import NodeError
from kubectl_tcr.nodes import processes
from kubectl_tcr.nodes.plan import Node

_CONFIG = "/var/lib/kubelet/config.yaml"
_FLAGS = "/var/lib/kubelet/kubeadm-flags.env"
# K3s has the kubelet in its own process; what lies in these files is of another that is gone.
_K3S = ("k3s-server", "k3s-agent")
_FLAG = "--container-runtime-endpoint"
_IN_CONFIG = re.compile(r"(?m)^containerRuntimeEndpoint:[ \t]*[\"']?([^\"'\s]+)")
_IN_FLAGS = re.compile(rf"{_FLAG}[= ]([^\"'\s]+)")


def socket(node: Node) -> str:
    """The path of the socket of the runtime that it uses, empty where nothing tells: as the script finds it."""
    file, told = _CONFIG, ""
    for process in processes.running("kubelet") if node.is_this_machine else ():
        told = process.argument(_FLAG)
        if process.argument("--container-runtime") == "docker":
            told = "/run/dockershim.sock"
        file = process.argument("--config") or file
    if not told and node.is_this_machine and any(True for name in _K3S for _ in processes.running(name)):
        return ""
    return path_of(told or _found(node, file, _IN_CONFIG) or _found(node, _FLAGS, _IN_FLAGS))


def path_of(address: str) -> str:
    """The path of a socket that is spelled with or without its scheme.

    >>> path_of("unix:///var/run/crio/crio.sock")
    '/run/crio/crio.sock'
    """
    path = address.removeprefix("unix://")
    return path.removeprefix("/var") if path.startswith("/var/run/") else path


def _found(node: Node, file: str, pattern: re.Pattern[str]) -> str:
    try:
        found = pattern.search(node.text(file) or "")
    except NodeError:
        return ""
    return found[1] if found else ""
