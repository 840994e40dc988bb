"""What keeps a config.toml of containerd from meaning what it says."""

from collections.abc import Iterator

from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.containerd.config_toml import IMAGES, TABLES, ConfigToml
from kubectl_tcr.nodes.containerd.release import DEFAULTS_TO_CERTS
from kubectl_tcr.nodes.report import Problem
from kubectl_tcr.nodes.runtime import Release

# The first containerd that reads a version of the file.
_FIRST = {1: (1, 0), 2: (1, 3), 3: (2, 0), 4: (2, 3)}


def problems(config: ConfigToml, containerd: Release | None = None) -> Iterator[Problem]:
    """What keeps a configuration from meaning what it says, with a containerd if it is known."""
    file = config.file
    if config.config_path and config.mirrors:
        yield Problem(
            file,
            f"config_path and mirrors ({', '.join(config.mirrors)}) are both set: containerd's CRI plugin does not "
            "load; move the mirrors to hosts.toml files and delete their table",
        )
    if config.config_path and tls(config):
        yield Problem(
            file,
            f"config_path and configs with tls ({', '.join(tls(config))}) are both set: containerd 1.x does not load "
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


def tls(config: ConfigToml) -> list[str]:
    """The registries that have settings of TLS in config.toml."""
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
        if config.version == 2 and path == IMAGES:
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
        for path in {TABLES.get(version, IMAGES), TABLES[config.version]}:
            section = toml.at(data, path)
            if isinstance(section, dict) and ("registry" in section or not merges):
                yield Problem(
                    file,
                    f"is imported by {config.file} and sets the CRI plugin there, so what {config.file} says of "
                    f"registries may not hold; set it in the drop-in, with --config-toml {file}",
                )
                break
