"""The hosts.toml files of containerd: a folder for each host, in one that config.toml names."""

from collections.abc import Iterable

from kubectl_tcr.nodes.hosts import Host
from kubectl_tcr.nodes.plan import Node

CERTS = "/etc/containerd/certs.d"
HEAD = "# Written by kubectl tcr-nodes"


def tree(hosts: Iterable[Host], directory: str = CERTS) -> tuple[tuple[str, str], ...]:
    """The path and text of a hosts.toml for each host."""
    return tuple((f"{directory}/{folder(host.source)}/hosts.toml", hosts_toml(host)) for host in hosts)


def folder(source: str) -> str:
    """The folder of a host: a port is written `_5000_`, which is looked for first (`hostDirectory`)."""
    name, colon, port = source.partition(":")
    return f"{name}_{port}_" if colon else name


def hosts_file(node: Node, folders: Iterable[str], source: str) -> str | None:
    """The hosts.toml that containerd reads for a source: the first folder that is there, or `_default`."""
    names = (folder(source), source, "_default")
    for file in (f"{folder}/{name}/hosts.toml" for folder in folders for name in names):
        if node.is_folder(file.removesuffix("/hosts.toml")):
            return file
    return None


def hosts_toml(host: Host) -> str:
    """The mirror first, then the source itself (docs/hosts.md of containerd)."""
    override = "  override_path = true\n" if host.prefix else ""
    return (
        f"{HEAD}: {host.source} is asked through its mirror, and itself if that fails.\n"
        f'server = "{host.server}"\n\n'
        f'[host."{host.endpoint}"]\n'
        f'  capabilities = ["pull", "resolve"]\n{override}'
    )
