"""What containerd makes of its files: the registry settings in force."""

import copy
from typing import Any, NamedTuple

from kubectl_tcr.images.reference import HUB
from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.containerd.config_toml import IMAGES, TABLES, ConfigToml, File
from kubectl_tcr.nodes.containerd.hosts_toml import CERTS
from kubectl_tcr.nodes.containerd.release import Release
from kubectl_tcr.nodes.hosts import HUB_SERVER

# What `config_path` is from containerd 2.2 on where neither it nor a table of mirrors is set.
DEFAULT_LIST = f"{CERTS}:/etc/docker/certs.d"

# Settings of images that the transfer service does not know, and the value at which each does not matter: with
# another one containerd pulls by itself, as it did before 2.1 (`CheckLocalImagePullConfigs`).
_NOT_OF_TRANSFER = {
    "use_local_image_pull": False,
    "discard_unpacked_layers": False,
    "image_pull_with_sync_fs": False,
    "disable_snapshot_annotations": True,
    "max_concurrent_downloads": 3,
}


_DEFAULT_ROW = (HUB, {"endpoint": [f"https://{HUB_SERVER}"]})


class Registry(NamedTuple):
    """Registry settings in force: `config_path`, the tables of mirrors and of configs.

    `is_local` where pulls do not go through the transfer service, whatever the release.
    """

    config_path: str = ""
    mirrors: toml.Table = {}  # noqa: RUF012 never changed
    configs: toml.Table = {}  # noqa: RUF012 never changed
    is_local: bool = False

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders of hosts.toml files, the first that has the host wins."""
        return tuple(part.rstrip("/") for part in self.config_path.split(":") if part)

    @property
    def tls(self) -> tuple[str, ...]:
        """The registries that have settings of TLS in `configs`."""
        return tuple(name for name, row in self.configs.items() if isinstance(row, dict) and row.get("tls"))

    def is_folder_missed(self, release: Release | None) -> bool:
        """Whether a list of folders is taken for one, so that no hosts.toml is read."""
        takes = release is not None and release.takes_list_as_folder
        return takes and len(self.folders) > 1 and not self.is_local


def registry(config: ConfigToml) -> Registry:
    """The settings in force, as containerd tells them or else by what its release does with the files."""
    settings = _merged(config.files, config.release)
    if config.dump:  # it lacks what this release does not know, such as the TLS settings of 1.x
        settings = _over(settings, _settings(config.dump, config.release))
    table = toml.table(settings, "registry")
    mirrors, configs = toml.table(table, "mirrors"), toml.table(table, "configs")
    if config.release and not config.release.reads_hosts_files:
        mirrors = _without_default(mirrors)
    path = str(table.get("config_path") or "")
    if not (path or mirrors) and config.release and config.release.defaults_to_list:
        path = DEFAULT_LIST
    is_local = bool(mirrors or configs or toml.table(table, "auths")) or any(
        settings.get(key, default) != default for key, default in _NOT_OF_TRANSFER.items()
    )
    return Registry(path, mirrors, configs, is_local)


def _without_default(mirrors: toml.Table) -> toml.Table:
    """The table without the row that containerd 1.4 shows where nobody wrote one."""
    return {name: row for name, row in mirrors.items() if (name, row) != _DEFAULT_ROW}


def in_force(config: ConfigToml) -> File:
    """The file whose registry table is in force: where a setting must be written to hold."""
    release, last = config.release, config.files[-1]
    having = [file for file in config.files if _settings(file, release)]
    if release is None or release.replaces_by_imports:
        return having[-1] if having else config.main
    setting = [file for file in having if toml.at(file.data, (*file.registry, "config_path")) is not None]
    is_main_read = not release.counts_last_version or config.main.version == last.version
    found = setting[-1] if setting else config.main
    return found if is_main_read or found is not config.main else last


def _merged(files: tuple[File, ...], release: Release | None) -> toml.Table:
    if release and release.counts_last_version:
        data: toml.Table = {}
        for file in files:
            data = _over(data, file.data)
        versions = [3 if file.version == 1 else file.version for file in files]
        return _settings(files[-1]._replace(data=data, version=versions[-1]), release)
    merged: toml.Table = {}
    for file in files:
        settings = _settings(file, release)
        is_whole = release is None or release.replaces_by_imports
        merged = settings or merged if is_whole else _over(merged, settings)
    return merged


def _settings(file: File, release: Release | None) -> toml.Table:
    """A file's settings of images, by their names of version 3; empty where the release does not read them."""
    if release and file.version == 1 and not release.reads_version_1:
        return {}
    found = toml.at(file.data, TABLES[file.version])
    settings: toml.Table = found if isinstance(found, dict) else {}
    if file.version < 3:
        settings = {**toml.table(settings, "containerd"), **settings}
        if file.version == 2 and release and release >= (2,):
            settings = _over(settings, toml.table(toml.table(file.data, IMAGES[0]), IMAGES[1]))
    return settings


def _over(below: toml.Table, above: toml.Table) -> toml.Table:
    """Two tables as one, the values of the second one first."""
    merged = copy.copy(below)
    for key, value in above.items():
        under: Any = merged.get(key)
        merged[key] = _over(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return merged
