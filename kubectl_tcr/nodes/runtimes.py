"""The container runtimes, a row each: all that the commands, `check` and the script know of them comes from here."""

from fnmatch import fnmatchcase
from importlib import import_module
from typing import NamedTuple

from kubectl_tcr.nodes.runtime import Runtime


class Row(NamedTuple):
    """A runtime: its name, where its module has the value (`module:NAME`), what its command says of it.

    `sockets`: globs of those by which a kubelet reaches it. `rank`: of several that a node has and no kubelet tells of,
    the script takes the one with the lowest. `summary` stands in the list of commands, where `help` is too long for it.
    """

    name: str
    where: str
    rank: int
    help: str
    summary: str = ""
    sockets: tuple[str, ...] = ()

    @property
    def function(self) -> str:
        """What the names of its shell functions begin with.

        >>> Row("cri-o", "", 0, "").function
        'crio'
        """
        return self.name.replace("-", "")

    def load(self) -> Runtime:
        """The runtime; its module is loaded by that."""
        module, _, value = self.where.partition(":")
        runtime: Runtime = getattr(import_module(module), value)
        return runtime


# In the order of reports. By rank K3s and RKE2 go first, as they bring a runtime along, and Docker last: it uses one.
TABLE = (
    Row(
        "containerd",
        "kubectl_tcr.nodes.containerd:RUNTIME",
        rank=4,
        help="hosts.toml files, and the line in config.toml that names their folder.",
        summary="hosts.toml files, and what config.toml lacks for them.",
        sockets=("*/containerd.sock",),
    ),
    Row(
        "docker",
        "kubectl_tcr.nodes.docker:RUNTIME",
        rank=5,
        help="registry-mirrors in daemon.json: Docker Hub only, as Docker mirrors no other host.",
        summary="registry-mirrors in daemon.json, for Docker Hub only.",
        sockets=("*/dockershim.sock", "*/cri-dockerd.sock"),
    ),
    Row(
        "cri-o",
        "kubectl_tcr.nodes.crio:RUNTIME",
        rank=3,
        help="A drop-in of registries.conf, which CRI-O and podman read.",
        sockets=("*/crio.sock",),
    ),
    Row("k3s", "kubectl_tcr.nodes.k3s:K3S", rank=1, help="registries.yaml of K3s."),
    # K3s has the kubelet within its own process, so one that uses their socket is RKE2's.
    Row(
        "rke2",
        "kubectl_tcr.nodes.k3s:RKE2",
        rank=2,
        help="registries.yaml of RKE2.",
        sockets=("*/k3s/containerd/containerd.sock",),
    ),
)


def by_socket(path: str) -> str:
    """The name of the runtime that a kubelet reaches by a socket, empty where that is not known.

    >>> by_socket("/run/k3s/containerd/containerd.sock"), by_socket("/run/containerd/containerd.sock")
    ('rke2', 'containerd')
    """
    rows = sorted(TABLE, key=lambda row: row.rank)
    return next((row.name for row in rows if any(fnmatchcase(path, glob) for glob in row.sockets)), "")


def load(name: str) -> Runtime:
    """The runtime of a name in the table."""
    return next(row for row in TABLE if row.name == name).load()


def names() -> tuple[str, ...]:
    """The names of all runtimes."""
    return tuple(row.name for row in TABLE)
