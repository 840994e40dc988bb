"""containerd: a folder with a `hosts.toml` per host, and the line in config.toml that names it.

What each version reads was taken from containerd's sources (`core/remotes/docker/config`,
`internal/cri/config`, `plugins/cri/images`, 1.6.20 to 2.4.2) and tried on real ones: docs/nodes.md
has the table.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.hosts import Host
from kubectl_tcr.nodes.plan import Change, Node

CONFIG = "/etc/containerd/config.toml"
CERTS = "/etc/containerd/certs.d"
# What the script leaves beside a config.toml that containerd has not been restarted for.
PENDING = ".tcr-nodes-restart"
HEAD = "# Written by kubectl tcr-nodes"

# The CRI plugin's registry table, by the version of the file (containerd's RELEASES.md, Daemon Configuration).
_IMAGES = ("plugins", "io.containerd.cri.v1.images")
TABLES = {
    1: ("plugins", "cri"),
    2: ("plugins", "io.containerd.grpc.v1.cri"),
    3: _IMAGES,
    4: _IMAGES,
}
# The first containerd that reads a version of the file.
_FIRST = {1: (1, 0), 2: (1, 3), 3: (2, 0), 4: (2, 3)}

# From here on containerd looks into CERTS by itself, and the mirrors table may keep its CRI plugin from loading.
DEFAULTS_TO_CERTS = (2, 2)

Release = tuple[int, int]


def release(text: str) -> Release:
    """Major and minor number from a version such as `1.6.20~ds1` or a line of `containerd --version`.

    Raises NodeError.
    """
    found = re.search(r"(?<![\d.])v?(\d{1,3})\.(\d{1,3})(?!\d)", text)
    if not found:
        raise NodeError(f'"{text}" is no version of containerd, such as 1.6 or 2.2.1')
    return int(found[1]), int(found[2])


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


class Problem(NamedTuple):
    """Something wrong with a node's configuration: in which file, what, what to do."""

    file: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}: {self.what}"


def problems(config: ConfigToml, containerd: Release | None = None) -> Iterator[Problem]:
    """What keeps a configuration from meaning what it says, with a containerd if it is known."""
    file = config.file
    if config.config_path and config.mirrors:
        yield Problem(
            file,
            f"config_path and mirrors ({', '.join(config.mirrors)}) are both set: containerd's CRI plugin does not "
            "load; move the mirrors to hosts.toml files and delete their table",
        )
    if config.config_path and _tls(config):
        yield Problem(
            file,
            f"config_path and configs with tls ({', '.join(_tls(config))}) are both set: containerd 1.x does not load "
            "its CRI plugin; move them to hosts.toml files",
        )
    yield from _ignored(config)
    for name in toml.strings(config.data.get("disabled_plugins")):
        if name in ("cri", "io.containerd.grpc.v1.cri"):
            yield Problem(file, f"the CRI plugin is disabled ({name}): the kubelet cannot use this containerd")
    if config.restart_pending:
        yield Problem(
            file, "was changed by a script that did not live to restart containerd; restart it, or run it again"
        )
    if containerd:
        yield from _of_release(config, containerd)
    yield from _of_drop_ins(config, containerd)


def _tls(config: ConfigToml) -> list[str]:
    configs = toml.at(config.data, (*config.table, "configs"))
    rows = configs.items() if isinstance(configs, dict) else ()
    return [name for name, row in rows if isinstance(row, dict) and row.get("tls")]


def _ignored(config: ConfigToml) -> Iterator[Problem]:
    """Registry tables of other versions of the file: containerd reads none of them, and says nothing."""
    for path in sorted(set(TABLES.values()) - {TABLES[config.version]}):
        table = toml.at(config.data, (*path, "registry"))
        if not isinstance(table, dict) or not (table.get("mirrors") or table.get("config_path")):
            continue
        # containerd 2 moves the settings of version 2 into the newer table, so that one is not lost.
        if config.version == 2 and path == _IMAGES:
            continue
        name, wanted = toml.dotted((*path, "registry")), toml.dotted(config.table)
        effect = "is ignored without a word"
        if config.version > 1 and path == TABLES[1]:
            effect = "keeps containerd 1.x from starting, and 2.x ignores it without a word"
        yield Problem(
            config.file, f"[{name}] {effect}: the file is version {config.version}, whose table is [{wanted}]"
        )


def _of_release(config: ConfigToml, containerd: Release) -> Iterator[Problem]:
    shown = ".".join(map(str, containerd))
    if config.text is None:
        return
    if containerd < _FIRST[config.version]:
        first = ".".join(map(str, _FIRST[config.version]))
        yield Problem(config.file, f"is version {config.version}, which containerd knows from {first} on, not {shown}")
    if config.version == 1 and (2, 0) <= containerd < (2, 3) and toml.at(config.data, TABLES[1]):
        yield Problem(
            config.file,
            f"is version 1: containerd {shown} ignores its [plugins.cri] without a word; "
            "write it anew with containerd config migrate",
        )
    if config.mirrors and not config.config_path and containerd == DEFAULTS_TO_CERTS and config.version > 1:
        yield Problem(
            config.file,
            f"mirrors are set ({', '.join(config.mirrors)}): containerd 2.2.0 and 2.2.1 do not load their CRI plugin "
            "with it; move them to hosts.toml files and delete their table",
        )


def _of_drop_ins(config: ConfigToml, containerd: Release | None) -> Iterator[Problem]:
    """Drop-ins that take the registry table's place: 1.x replaces a plugin's tables whole, 2.x merges them."""
    merges = config.version > 2 or (containerd is not None and containerd >= (2, 0))
    for file, data in config.drop_ins:
        version = data.get("version", 1)
        for path in {TABLES.get(version, _IMAGES), TABLES[config.version]}:
            section = toml.at(data, path)
            if isinstance(section, dict) and ("registry" in section or not merges):
                yield Problem(
                    file,
                    f"is imported by {config.file} and sets the CRI plugin there, so what {config.file} says of "
                    f"registries may not hold; set it in the drop-in, with --config-toml {file}",
                )
                break


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


class Ask(NamedTuple):
    """How to change a containerd: by `hosts` files or the `mirrors` table, and for which containerd, if known.

    `replace` takes the place of hosts.toml files that others wrote.
    """

    style: str = "hosts"
    containerd: Release | None = None
    replace: bool = False


def plan(node: Node, config: ConfigToml, hosts: tuple[Host, ...], ask: Ask = Ask()) -> tuple[Change, ...]:  # noqa: B008
    """What must change on a node, in the order to write it: hosts.toml files before what points at them.

    Raises NodeError where the change would not work, or could take the node down.
    """
    for problem in problems(config, ask.containerd):
        raise NodeError(problem.what, Location(problem.file))
    if ask.style == "mirrors":
        return (_mirrors(config, hosts, ask.containerd),)
    if config.mirrors:
        raise NodeError(
            f"mirrors are set ({', '.join(config.mirrors)}), and containerd does not load its CRI plugin if "
            "config_path stands beside them; use --style mirrors, or move them to hosts.toml files first",
            Location(config.file),
        )
    if _tls(config):
        raise NodeError(
            f"configs with tls are set ({', '.join(_tls(config))}), and containerd 1.x does not load its CRI plugin if "
            "config_path stands beside them; move them to hosts.toml files first",
            Location(config.file),
        )
    directory = (config.directories() or [CERTS])[0]
    files = zip(hosts, tree(hosts, directory), strict=True)
    changes = [_hosts_file(node, host, path, text, replace=ask.replace) for host, (path, text) in files]
    if not config.config_path and not (ask.containerd and ask.containerd >= DEFAULTS_TO_CERTS):
        changes.append(_with(config, ("config_path",), CERTS))
    return tuple(changes)


def _hosts_file(node: Node, host: Host, path: str, text: str, *, replace: bool) -> Change:
    """Our hosts.toml, or somebody else's as it is if the mirror is its first one."""
    before = node.text(path)
    after = text
    if before is not None and not before.startswith(HEAD) and not replace:
        mirrors = toml.load(before, path).get("host")
        if not isinstance(mirrors, dict) or next(iter(mirrors), "") != host.endpoint:
            raise NodeError(
                f"was written by somebody else; put {host.endpoint} in front there, or use --replace", Location(path)
            )
        after = before
    return Change(path, None if before is None else before.encode(), after.encode())


def _with(config: ConfigToml, key: tuple[str, ...], value: Any) -> Change:
    """The config.toml with one more value in its registry table."""
    text = config.text
    if text is None:
        text = f"version = {config.version}\n"
    after = toml.put(text, (*config.table, *key), value, config.file)
    return Change(config.file, None if config.text is None else config.text.encode(), after.encode())


def _mirrors(config: ConfigToml, hosts: tuple[Host, ...], containerd: Release | None) -> Change:
    """The config.toml with the mirrors in its table, ours in front of those that are there."""
    if containerd is None:
        raise NodeError("--style mirrors needs --containerd VERSION: containerd 2.2 may not load with that table")
    if containerd >= DEFAULTS_TO_CERTS or config.version > 3:
        raise NodeError(
            "--style mirrors is for containerd up to 2.1: later ones look for hosts.toml files, "
            "and 2.2.0 and 2.2.1 do not load their CRI plugin with the table; use --style hosts"
        )
    if config.config_path:
        raise NodeError(
            f"config_path is set ({config.config_path}), and containerd does not load its CRI plugin if mirrors stand "
            "beside it; use --style hosts",
            Location(config.file),
        )
    text = config.text
    before = None if text is None else text.encode()
    for host in hosts:
        found = toml.at(config.mirrors, (host.source, "endpoint"))
        others = [one for one in found if one != host.endpoint] if isinstance(found, list) else []
        change = _with(config._replace(text=text), ("mirrors", host.source, "endpoint"), [host.endpoint, *others])
        text = change.after.decode()
    return Change(config.file, before, (text or "").encode())
