"""The hosts.toml files of containerd: a folder for each host, in one that config.toml names."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.hosts import Host
from kubectl_tcr.nodes.plan import Node

CERTS = "/etc/containerd/certs.d"
HEAD = "# Written by kubectl tcr-nodes"
DEFAULT = "_default"
# What the name of a certificate may be made of to be put into a hosts.toml, by the script as well.
_PLAIN = re.compile(r"[ !#-\[\]-{}~]+")


class Beside(NamedTuple):
    """The certificates in the folder of a host: of authorities, and its own, each with its key.

    Without a hosts.toml they hold for the host (`loadCertFiles`); one beside them must name them.
    """

    ca: tuple[str, ...] = ()
    client: tuple[tuple[str, str], ...] = ()


class Mirror(NamedTuple):
    """A mirror in a hosts.toml: its address, whether that is the root of the API as it stands, its settings of TLS."""

    endpoint: str
    is_root: bool = False
    tls: toml.Table = {}  # noqa: RUF012 never changed


class HostsToml(NamedTuple):
    """The file of a source: the mirrors, the first first, then the server, which has settings of TLS as well.

    The source of DEFAULT is every host without a folder; each is its own server then. `is_alone`: the source is not
    asked at all, as the last mirror takes its place as the server.
    """

    source: str
    server: str
    mirrors: tuple[Mirror, ...] = ()
    tls: toml.Table = {}  # noqa: RUF012 never changed
    beside: Beside = Beside()
    is_alone: bool = False

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
        if self.is_alone and self.mirrors:
            last = self.mirrors[-1]
            through = "through its mirror" + ("s" if len(self.mirrors) > 1 else "")
            lines = [f"{HEAD}: {which} asked {through} alone.", f"server = {toml.quoted(last.endpoint)}"]
            lines += ['capabilities = ["pull", "resolve"]', *(["override_path = true"] if last.is_root else [])]
            lines += _tls(last.tls, _shared(last, self.beside))
        else:
            lines += [] if self.source == DEFAULT else [f"server = {toml.quoted(self.server)}"]
            lines += _tls(self.tls, self.beside)
        for mirror in self.mirrors:
            lines += ["", f"[host.{toml.quoted(mirror.endpoint)}]", '  capabilities = ["pull", "resolve"]']
            lines += ["  override_path = true"] if mirror.is_root else []
            lines += [f"  {line}" for line in _tls(mirror.tls, _shared(mirror, self.beside))]
        return "\n".join(lines) + "\n"

    def without_tls(self) -> "HostsToml":
        """The same without settings of TLS."""
        mirrors = tuple(mirror._replace(tls={}) for mirror in self.mirrors)
        return HostsToml(self.source, self.server, mirrors, is_alone=self.is_alone)


def of_host(host: Host) -> HostsToml:
    """The file that a rule asks for."""
    mirror = Mirror(host.endpoint, bool(host.prefix), {"ca_file": host.ca} if host.ca else {})
    return HostsToml(host.source, host.server, (mirror,), is_alone=host.is_alone)


def folder(source: str) -> str:
    """The folder of a host: a port is written `_5000_`, which is looked for first (`hostDirectory`).

    >>> folder("quay.io"), folder("r.corp:5000")
    ('quay.io', 'r.corp_5000_')
    """
    name, _, port = source.rpartition(":")
    return f"{name}_{port}_" if name else source


def folder_there(node: Node, directory: str, source: str) -> str:
    """The folder of a host in a folder of them: the spelling that is there, where only the other one is."""
    first, other = f"{directory}/{folder(source)}", f"{directory}/{source}"
    return other if node.is_folder(other) and not node.is_folder(first) else first


def hosts_file(node: Node, folders: Iterable[str], source: str) -> str | None:
    """The hosts.toml that containerd reads for a source: the first folder that is there, or DEFAULT's."""
    names = (folder(source), source, DEFAULT)
    for file in (f"{folder}/{name}/hosts.toml" for folder in folders for name in names):
        if node.is_folder(file.removesuffix("/hosts.toml")):
            return file
    return None


def beside(node: Node, folder: str) -> Beside:
    """The certificates in the folder of a host, as containerd finds them there; raises NodeError for odd names."""
    ca, own, keys = (_names(node, folder, end) for end in (".crt", ".cert", ".key"))
    for name in (*ca, *own):
        if not _PLAIN.fullmatch(name):
            what = "has a certificate whose name cannot be put into a hosts.toml; give it a plain one"
            raise NodeError(what, Location(folder))
    key = {name: f"{name.removesuffix('.cert')}.key" for name in own}
    # Without a key beside it a file holds both; an empty name would be that of the folder.
    return Beside(ca, tuple((name, key[name] if key[name] in keys else name) for name in own))


def _names(node: Node, folder: str, end: str) -> tuple[str, ...]:
    found = (path for path in node.glob(f"{folder}/*{end}") if not node.is_folder(path))
    return tuple(path.rpartition("/")[2] for path in found)


def _shared(mirror: Mirror, near: Beside) -> Beside:
    """What lies there for the source as well: one that is asked without TLS would be asked with it first."""
    return Beside(near.ca) if mirror.endpoint.startswith("https:") else Beside()


def _tls(settings: toml.Table, near: Beside) -> Iterator[str]:
    """Settings of TLS as config.toml names them, and certificates that lie there, as lines of a hosts.toml."""
    ca = [toml.quoted(name) for name in (settings.get("ca_file"), *near.ca) if name]
    pairs = [(settings["cert_file"], settings.get("key_file", ""))] if settings.get("cert_file") else []
    client = [f"[{toml.quoted(cert)}, {toml.quoted(key)}]" for cert, key in (*pairs, *near.client)]
    if ca:
        yield f"ca = [{', '.join(ca)}]" if len(ca) > 1 else f"ca = {ca[0]}"
    if client:
        yield f"client = [{', '.join(client)}]"
    if settings.get("insecure_skip_verify"):
        yield "skip_verify = true"
