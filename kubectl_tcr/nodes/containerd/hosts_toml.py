"""The hosts.toml files of containerd: a folder for each host, in one that config.toml names."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.hosts import Host
from kubectl_tcr.nodes.plan import Node

CERTS = "/etc/containerd/certs.d"
HEAD = "# Written by kubectl tcr-nodes"
DEFAULT = "_default"


class Mirror(NamedTuple):
    """A mirror in a hosts.toml: its address, whether that is the root of the API as it stands, its settings of TLS."""

    endpoint: str
    is_root: bool = False
    tls: toml.Table = {}  # noqa: RUF012 never changed


class HostsToml(NamedTuple):
    """The file of a source: the mirrors, the first first, then the server, which has settings of TLS as well.

    The source of DEFAULT is every host without a folder; each is its own server then.
    """

    source: str
    server: str
    mirrors: tuple[Mirror, ...] = ()
    tls: toml.Table = {}  # noqa: RUF012 never changed

    def path(self, directory: str) -> str:
        """Its path below a folder of such files."""
        return f"{directory}/{folder(self.source)}/hosts.toml"

    @property
    def text(self) -> str:
        """The file (docs/hosts.md of containerd)."""
        which = "all other hosts are" if self.source == DEFAULT else f"{self.source} is"
        through = {0: "", 1: "through its mirror, and "}.get(len(self.mirrors), "through its mirrors, and ")
        end = " if that fails" if self.mirrors else ""
        lines = [f"{HEAD}: {which} asked {through}itself{end}."]
        lines += [] if self.source == DEFAULT else [f"server = {toml.quoted(self.server)}"]
        lines += _tls(self.tls)
        for mirror in self.mirrors:
            lines += ["", f"[host.{toml.quoted(mirror.endpoint)}]", '  capabilities = ["pull", "resolve"]']
            lines += ["  override_path = true"] if mirror.is_root else []
            lines += [f"  {line}" for line in _tls(mirror.tls)]
        return "\n".join(lines) + "\n"


def of_host(host: Host) -> HostsToml:
    """The file that a rule asks for."""
    return HostsToml(host.source, host.server, (Mirror(host.endpoint, is_root=bool(host.prefix)),))


def folder(source: str) -> str:
    """The folder of a host: a port is written `_5000_`, which is looked for first (`hostDirectory`)."""
    name, colon, port = source.partition(":")
    return f"{name}_{port}_" if colon else name


def hosts_file(node: Node, folders: Iterable[str], source: str) -> str | None:
    """The hosts.toml that containerd reads for a source: the first folder that is there, or DEFAULT's."""
    names = (folder(source), source, DEFAULT)
    for file in (f"{folder}/{name}/hosts.toml" for folder in folders for name in names):
        if node.is_folder(file.removesuffix("/hosts.toml")):
            return file
    return None


def _tls(settings: toml.Table) -> Iterator[str]:
    """Settings of TLS as config.toml names them, as lines of a hosts.toml."""
    if settings.get("ca_file"):
        yield f"ca = {toml.quoted(settings['ca_file'])}"
    if settings.get("cert_file"):
        pair = f"{toml.quoted(settings['cert_file'])}, {toml.quoted(settings.get('key_file', ''))}"
        yield f"client = [[{pair}]]"
    if settings.get("insecure_skip_verify"):
        yield "skip_verify = true"
