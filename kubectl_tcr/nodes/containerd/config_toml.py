"""A config.toml of containerd as found on a node, with the drop-ins that it imports."""

from typing import NamedTuple

from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.plan import Node

CONFIG = "/etc/containerd/config.toml"
# What the script leaves beside a config.toml that containerd has not been restarted for.
PENDING = ".tcr-nodes-restart"

# The CRI plugin's registry table, by the version of the file (containerd's RELEASES.md, Daemon Configuration).
IMAGES = ("plugins", "io.containerd.cri.v1.images")
TABLES = {
    1: ("plugins", "cri"),
    2: ("plugins", "io.containerd.grpc.v1.cri"),
    3: IMAGES,
    4: IMAGES,
}


class ConfigToml(NamedTuple):
    """A config.toml as found: its path on the node, its text (None if there is none) and the drop-ins it imports."""

    file: str = CONFIG
    text: str | None = None
    data: toml.Table = {}  # noqa: RUF012 never changed
    version: int = 2
    drop_ins: tuple[tuple[str, toml.Table], ...] = ()
    restart_pending: bool = False

    @property
    def table(self) -> tuple[str, ...]:
        """The keys of the registry table that this version of the file has."""
        return (*TABLES[self.version], "registry")

    @property
    def config_path(self) -> str:
        """The folders that hold hosts.toml files, separated by colons; empty if not set."""
        return str(toml.at(self.data, (*self.table, "config_path")) or "")

    @property
    def mirrors(self) -> toml.Table:
        """The table of mirrors, deprecated since containerd 1.5."""
        found = toml.at(self.data, (*self.table, "mirrors"))
        return found if isinstance(found, dict) else {}

    def directories(self) -> list[str]:
        """Where containerd looks for hosts.toml files, the first that has the host wins."""
        return [part.rstrip("/") for part in self.config_path.split(":") if part]


def read(node: Node, file: str = CONFIG) -> ConfigToml:
    """The config.toml of a node and its drop-ins; raises NodeError if it cannot be understood."""
    config = parse(node.text(file), file, node)
    return config._replace(restart_pending=node.read(file + PENDING) is not None)


def parse(text: str | None, file: str = CONFIG, node: Node = Node()) -> ConfigToml:  # noqa: B008 an immutable value
    """A config.toml from its text; drop-ins are looked up on the node. Raises NodeError."""
    if text is None:
        return ConfigToml(file)
    data = toml.load(text, file)
    imports = toml.strings(data.get("imports"))
    files = sorted({path for pattern in imports for path in _resolve(pattern, file, node)} - {file})
    drop_ins = tuple((path, toml.load(node.text(path) or "", path)) for path in files)
    return ConfigToml(file, text, data, _version(data, file), drop_ins)


def _version(data: toml.Table, file: str) -> int:
    version = data.get("version", 1)
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise NodeError(f"version = {version!r} is no number of a configuration version", Location(file))
    if version > max(TABLES):
        raise NodeError(
            f"is configuration version {version}; this tool knows 1 to {max(TABLES)}, so it stays as it is",
            Location(file),
        )
    return version or 1


def _resolve(pattern: str, file: str, node: Node) -> tuple[str, ...]:
    if not pattern.startswith("/"):
        pattern = f"{file.rpartition('/')[0]}/{pattern}"
    return node.glob(pattern) if "*" in pattern else (pattern,)
