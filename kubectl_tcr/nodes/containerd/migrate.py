"""The table of mirrors of a config.toml as hosts.toml files, and the file without it.

What a row means is containerd's own reading of it (`registryEndpoints`, `registryHosts`): every
endpoint in its order, then the host itself; settings of TLS go by the host that is asked.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.images.reference import HUB
from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.containerd.addresses import root_in_table
from kubectl_tcr.nodes.containerd.config_toml import TABLES, ConfigToml, File
from kubectl_tcr.nodes.containerd.effective import Registry, registry
from kubectl_tcr.nodes.containerd.hosts_toml import DEFAULT, HostsToml, Mirror, of_host
from kubectl_tcr.nodes.containerd.mirrors_table import endpoints
from kubectl_tcr.nodes.hosts import HUB_SERVER, Host

_TLS = {"ca_file", "cert_file", "key_file", "insecure_skip_verify"}
# A file's version, and the header of a plugin that version 1 names by one word.
_VERSION = re.compile(r"^[ \t]*+version[ \t]*+=[^\n]*+\n?", re.MULTILINE)
_PLUGIN = re.compile(
    r"^([ \t]*+\[\[?[ \t]*+plugins[ \t]*+\.[ \t]*+)([\"']?)(\w[\w-]*+)\2(?=[ \t]*+[.\]])", re.MULTILINE
)
# What version 2 calls the plugins of version 1 (`v1MigratePluginName`); others are of io.containerd.grpc.v1.
_PLUGINS = {
    "cgroups": "io.containerd.monitor.v1.cgroups",
    "linux": "io.containerd.runtime.v1.linux",
    "scheduler": "io.containerd.gc.v1.scheduler",
    "bolt": "io.containerd.metadata.v1.bolt",
    "task": "io.containerd.runtime.v2.task",
    "opt": "io.containerd.internal.v1.opt",
    "restart": "io.containerd.internal.v1.restart",
    "tracing": "io.containerd.internal.v1.tracing",
    "otlp": "io.containerd.tracing.processor.v1.otlp",
    "aufs": "io.containerd.snapshotter.v1.aufs",
    "btrfs": "io.containerd.snapshotter.v1.btrfs",
    "devmapper": "io.containerd.snapshotter.v1.devmapper",
    "native": "io.containerd.snapshotter.v1.native",
    "overlayfs": "io.containerd.snapshotter.v1.overlayfs",
    "zfs": "io.containerd.snapshotter.v1.zfs",
}


def files(config: ConfigToml, found: Registry, hosts: tuple[Host, ...]) -> tuple[HostsToml, ...]:
    """The hosts.toml files that say what the tables said, our mirrors in front of theirs; raises NodeError."""
    tls = _settings(config, found)
    ours = {host.source: of_host(host) for host in hosts}
    table = {_source(name): row for name, row in found.mirrors.items()}
    made = []
    for source in dict.fromkeys([*ours, *table, *tls]):
        host = ours.get(source) or HostsToml(source, _server(source))
        # What has a file of its own is not asked through the one for all other hosts, so that its mirrors come along.
        first = [mirror.endpoint for mirror in host.mirrors]
        rest = {mirror.endpoint: mirror for mirror in _theirs(table.get(source, table.get(DEFAULT)), tls)}
        theirs = [mirror for endpoint, mirror in rest.items() if endpoint not in first]
        own = [
            mirror._replace(tls=tls.get(urlsplit(mirror.endpoint).netloc, {}) | mirror.tls) for mirror in host.mirrors
        ]
        server = tls.get(urlsplit(host.server).netloc, tls.get(source, {}))
        made.append(host._replace(mirrors=(*own, *theirs), tls=server))
    return tuple(one for one in made if one.mirrors or one.tls)


def meant(config: ConfigToml) -> Registry:
    """The registry settings in force, and those that the version of their file keeps out of force."""
    found = registry(config)
    tables = [toml.at(file.data, (*path, "registry")) for file in config.files for path in TABLES.values()]
    ignored = [table for table in tables if isinstance(table, dict)]
    mirrors = found.mirrors or next((rows for table in ignored if (rows := toml.table(table, "mirrors"))), {})
    configs = found.configs or next((rows for table in ignored if (rows := toml.table(table, "configs"))), {})
    return found._replace(mirrors=mirrors, configs=configs)


def without_tables(file: File, *, is_read: bool) -> str:
    """A file without its mirrors and their settings of TLS; one that is not read as version 1 becomes version 2.

    Raises NodeError.
    """
    text = file.text or ""
    for path in dict.fromkeys(TABLES.values()):
        table = (*path, "registry")
        cuts = [(*table, "mirrors"), *_with_tls(file, table)]
        if path != TABLES[file.version]:  # a table that is not read, and keeps containerd 1.x from starting
            cuts.append((*table, "config_path"))
        text = toml.cut(text, cuts, file.path)
        if path != TABLES[file.version] and toml.at(toml.load(text, file.path), table) == {}:
            text = toml.cut(text, [table], file.path)
    return text if is_read else as_version_2(text, file.path)


def _with_tls(file: File, table: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The settings of TLS; a row that holds nothing else goes whole, as one that is empty forces local pulls too."""
    configs = toml.at(file.data, (*table, "configs"))
    for name, row in configs.items() if isinstance(configs, dict) else ():
        if isinstance(row, dict) and "tls" in row:
            yield (*table, "configs", name, *(("tls",) if len(row) > 1 else ()))


def as_version_2(text: str, path: str) -> str:
    """A file of version 1 as one of version 2, which says the same; raises NodeError."""
    wanted = toml.load(text, path)
    plugins = wanted.get("plugins")
    if isinstance(plugins, dict):
        wanted["plugins"] = {_name(name): table for name, table in plugins.items()}
    wanted["version"] = 2
    for key in ("disabled_plugins", "required_plugins"):
        if toml.strings(wanted.get(key)):
            raise NodeError(f"is version 1 and has {key}; write it anew as version 2", Location(path))
    new = "version = 2\n" + _PLUGIN.sub(lambda found: f'{found[1]}"{_name(found[3])}"', _VERSION.sub("", text))
    if toml.load(new, path) != wanted:
        raise NodeError("is version 1, spelled as it cannot be edited; write it anew as version 2", Location(path))
    return new


def _name(plugin: str) -> str:
    return plugin if "." in plugin else _PLUGINS.get(plugin, f"io.containerd.grpc.v1.{plugin}")


def _source(name: str) -> str:
    return DEFAULT if name == "*" else name


def _server(source: str) -> str:
    return "" if source == DEFAULT else "https://" + (HUB_SERVER if source == HUB else source)


def _theirs(row: Any, tls: dict[str, toml.Table]) -> Iterator[Mirror]:
    """The endpoints of a row of the table; a path is where the API's root is, but for `/v2`."""
    for endpoint in endpoints(row):
        parts = urlsplit(root_in_table(endpoint) or "")
        if not parts.netloc:
            raise NodeError(f'endpoint "{endpoint}" is no address of a mirror; mend it, or delete it by hand')
        is_root = parts.path not in ("", "/v2")
        url = f"{parts.scheme}://{parts.netloc}{parts.path if is_root else ''}"
        yield Mirror(url, is_root, tls.get(parts.netloc, {}))


def _settings(config: ConfigToml, found: Registry) -> dict[str, toml.Table]:
    """The settings of TLS by the host that they are for; raises NodeError for those that hosts.toml does not have."""
    settings_of = {}
    for name in found.tls:
        settings = found.configs[name]["tls"]
        if name == "*" or not isinstance(settings, dict) or set(settings) - _TLS:
            what = f'configs."{name}".tls has no counterpart in hosts.toml; move it there by hand'
            raise NodeError(what, Location(config.main.path))
        for key in ("ca_file", "cert_file", "key_file"):
            if settings.get(key) and not str(settings[key]).startswith("/"):
                relative = f'configs."{name}".tls: {key} {settings[key]} is relative to where containerd was started'
                raise NodeError(f"{relative}; write the whole path", Location(config.main.path))
        settings_of[name] = settings
    return settings_of
