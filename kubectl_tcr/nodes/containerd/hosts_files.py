"""What the hosts.toml files of a node mean to containerd, and what keeps them from meaning what they say.

Source: remotes/docker/config/hosts.go in containerd 1.x, core/remotes/docker/config/hosts.go in 2.x.
"""

import posixpath
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from kubectl_tcr.errors import NodeError
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.images.reference import HUB
from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.containerd import hosts_settings
from kubectl_tcr.nodes.containerd.addresses import root_in_hosts_toml
from kubectl_tcr.nodes.containerd.hosts_toml import folder, hosts_file
from kubectl_tcr.nodes.containerd.release import Release
from kubectl_tcr.nodes.hosts import HUB_SERVER
from kubectl_tcr.nodes.plan import Node
from kubectl_tcr.nodes.report import Asked, Problem, mirror

_SOURCE_ITSELF = "containerd asks the source itself"
# From here on only a host with a header of its own, [host."URL"], is asked (`getSortedHosts`).
_ONLY_HEADERS = (2, 0)
# The largest certificate that is looked into, in bytes.
_LARGEST = 1 << 20


def hosts_files(
    node: Node, folders: Sequence[str], rules: Rules, release: Release | None = None
) -> tuple[list[Asked], list[Problem]]:
    """The hosts.toml of every source that has one, or that a rule names."""
    there = [file.split("/")[-2] for above in folders for file in node.glob_below(above, "hosts.toml")]
    sources = dict.fromkeys([*(rule.source for rule in rules.rules if "/" not in rule.source), *map(_source, there)])
    files = {source: hosts_file(node, folders, source) for source in sources}
    asked = [asked_by(node, source, file, release) for source, file in files.items() if file]
    found = dict.fromkeys(problem for _, problems in asked for problem in problems)  # `_default` serves several
    return [row for row, _ in asked], [*found, *_passed_by(node, folders, sources)]


def _passed_by(node: Node, folders: Sequence[str], sources: Iterable[str]) -> Iterator[Problem]:
    """What lies in the second folder of a host that has one for each spelling of its port."""
    for source in sources:
        for first, second in ((f"{above}/{folder(source)}", f"{above}/{source}") for above in folders):
            if first != second and node.is_folder(first):
                for path in (
                    path for name in ("hosts.toml", "*.crt", "*.cert") for path in node.glob(f"{second}/{name}")
                ):
                    yield Problem(path, f"is not read: {first} goes before it; put there what is to hold")


def _source(name: str) -> str:
    """The host that a folder is for: `r.corp_5000_` is `r.corp:5000`."""
    host, _, port = name.removesuffix("_").rpartition("_")
    return f"{host}:{port}" if name.endswith("_") and host and port.isdigit() else name


class _HostsToml(NamedTuple):
    """A hosts.toml as read: for which source, its values, and the hosts that have a header of their own, in order."""

    file: str
    source: str
    table: toml.Table
    with_header: tuple[str, ...]
    release: Release | None

    @property
    def top(self) -> toml.Table:
        """The settings at the top, which are those of `server`."""
        return {name: value for name, value in self.table.items() if name not in ("host", "server")}

    @property
    def hosts(self) -> dict[str, toml.Table]:
        """The settings of each host, in the order of the file, which every release keeps."""
        found: dict[str, toml.Table] = self.table.get("host", {})
        return found

    @property
    def sections(self) -> dict[str, toml.Table]:
        """Every part that has settings, by what stands in front of them in a message."""
        return {"": self.top} | {f'[host."{name}"]: ': settings for name, settings in self.hosts.items()}

    @property
    def server(self) -> str:
        """What is asked last, empty for the source itself; Docker Hub's registry has several names."""
        server: str = self.table.get("server", "")
        names = {self.source} | ({HUB_SERVER, f"index.{HUB}"} if self.source == HUB else set())
        root = root_in_hosts_toml(server)
        return "" if root and urlsplit(root).netloc in names else server

    @property
    def asks_source(self) -> bool:
        """Whether the source is asked in the end; what stands at the top counts for a server that is named only."""
        return not self.server and (not self.table.get("server") or hosts_settings.able(self.top, "pull"))

    @property
    def lacks_host(self) -> bool:
        """Whether it says something, but has no table `host`, without which containerd 1.x takes no file."""
        return "host" not in self.table and bool(self.top or self.server)

    def is_asked(self, host: str) -> bool:
        """Whether a host is asked at all."""
        return host in self.with_header or self.release is None or self.release < _ONLY_HEADERS


def asked_by(node: Node, source: str, file: str, release: Release | None) -> tuple[Asked, list[Problem]]:
    """Whom a file has containerd ask for a source, and what is wrong with it."""
    try:
        text = node.text(file) or ""
        found = _HostsToml(file, source, toml.load(text, file), tuple(_with_header(text)), release)
    except NodeError as error:
        return Asked(source, (), file), [Problem(str(error.where), f"{error.what}: {_SOURCE_ITSELF}")]
    refused = [Problem(file, f"{reason}: {_SOURCE_ITSELF}") for reason in _refused(found)]
    if refused:
        return Asked(source, (), file), refused
    problems = [Problem(file, what) for check in _CHECKS for what in check(found)]
    problems += [Problem(file, what) for what in _wrong_certificates(node, found)]
    return Asked(source, tuple(_mirrors(found)), file, asks_source=found.asks_source), problems


def _with_header(text: str) -> dict[str, None]:
    """The hosts that have a header of their own or a table below it."""
    found: dict[str, None] = {}
    for line in text.splitlines():
        if line.lstrip().startswith("["):
            with suppress(ValueError, RecursionError):
                hosts = tomllib.loads(line).get("host")
                found |= dict.fromkeys(hosts if isinstance(hosts, dict) else ())
    return found


def _refused(found: _HostsToml) -> Iterator[str]:
    """Why containerd passes the whole file over."""
    hosts = found.hosts
    if not isinstance(hosts, dict) or not all(isinstance(row, dict) for row in hosts.values()):
        yield 'host must be a table of tables, [host."https://MIRROR"]'
        return
    if not isinstance(found.table.get("server", ""), str):
        yield "server must be a text"
        return
    for section, settings in found.sections.items():
        yield from (section + reason for reason in hosts_settings.unreadable(settings, found.release))
    if found.release is not None and found.release < _ONLY_HEADERS:
        yield from (
            f'containerd 1.x cannot read [host."{name}"], for its bracket' for name in found.with_header if "]" in name
        )
        if found.lacks_host:
            yield "has no table [host], so containerd 1.x passes it over"


def _mirrors(found: _HostsToml) -> Iterator[str]:
    """What is asked for pulls."""
    asked = {name: settings for name, settings in found.hosts.items() if found.is_asked(name)}
    if found.server:
        asked[found.server] = found.top
    for name, settings in asked.items():
        root = root_in_hosts_toml(name, overrides_path=settings.get("override_path", False))
        if root and hosts_settings.able(settings, "pull"):
            yield mirror(root)


def _wrong_hosts(found: _HostsToml) -> Iterator[str]:
    if found.lacks_host and found.release is None:
        yield "has no table [host], so containerd 1.x passes it over"
    for name, settings in found.hosts.items():
        if name not in found.with_header and not (found.release and found.release < _ONLY_HEADERS):
            yield f'"{name}" has no header of its own, [host."{name}"], so containerd 2.x does not ask it'
        if hosts_settings.able(settings, "pull") and not hosts_settings.able(settings, "resolve"):
            yield f'{name} has no capability "resolve": it is asked for digests, not for tags'


def _wrong_addresses(found: _HostsToml) -> Iterator[str]:
    server = found.table.get("server")
    for name, settings in [*found.hosts.items(), *([(server, found.top)] if server else ())]:
        overrides = bool(settings.get("override_path"))
        root = root_in_hosts_toml(name, overrides_path=overrides)
        path = urlsplit(root).path if root else ""
        if root is None:
            yield f'"{name}" is no address of a mirror; write https://HOST'
        elif overrides and not path:
            yield f"{name} with override_path is asked at {root}/NAME, without /v2; take override_path away"
        elif "/v2/" in path and not overrides:
            yield f"{name} is asked at {path}/NAME; override_path = true makes its own path the root of the API"


def _wrong_settings(found: _HostsToml) -> Iterator[str]:
    for section, settings in found.sections.items():
        yield from (section + reason for reason in hosts_settings.ignored(settings, found.release))


_CHECKS = (_wrong_hosts, _wrong_addresses, _wrong_settings)


def _wrong_certificates(node: Node, found: _HostsToml) -> Iterator[str]:
    """Certificates that keep every pull of the source from working, and such that count no longer."""
    beside = found.file.rpartition("/")[0]
    named: set[str] = set()
    for section, settings in found.sections.items():
        for written, needed in _certificates(settings):
            path = posixpath.join(beside, written)
            named.add(posixpath.normpath(path))
            trouble = _trouble(node, path, needed)
            if trouble:
                yield f'{section}"{written}" {trouble}: every pull fails, also from the source itself'
    for path in (*node.glob(f"{beside}/*.crt"), *node.glob(f"{beside}/*.cert")):
        if found.table and path not in named and not node.is_folder(path):
            key, own = ("ca" if path.endswith(".crt") else "client"), path.rpartition("/")[2]
            yield f'{own} beside it counts only where there is no hosts.toml; name it: {key} = "{own}"'


def _certificates(settings: toml.Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The files that are named, each with what containerd must find in it."""
    certificate, key = "CERTIFICATE-----", "PRIVATE KEY-----"
    for file in _listed(settings.get("ca")):
        yield file, (certificate,)
    for entry in _listed(settings.get("client")):
        if isinstance(entry, str):
            yield entry, (certificate, key)
        elif not entry[1]:
            yield entry[0], (certificate, key)
        else:
            yield from ((entry[0], (certificate,)), (entry[1], (key,)))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _trouble(node: Node, path: str, needed: tuple[str, ...]) -> str:
    """What keeps containerd from taking a file for what it is named as; empty where that cannot be known."""
    try:
        place = node.place(path)
        if place.exists() and not place.is_file():  # a FIFO or a device has no end
            return "is no file"
        with place.open("rb") as file:
            text = file.read(_LARGEST).decode(errors="replace")
    except (FileNotFoundError, NotADirectoryError):
        # A copy of a node's etc need not hold the rest of the node.
        return "is not there" if node.root == "/" or posixpath.normpath(path).startswith("/etc/") else ""
    except (NodeError, OSError, ValueError):
        return ""
    lacks = [word.rstrip("-").lower() for word in needed if word not in text]
    return f"holds no {' and no '.join(lacks)}" if lacks else ""
