"""What keeps the files of a containerd from meaning what they say."""

from collections.abc import Iterator

from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.containerd.config_toml import IMAGES, TABLES, ConfigToml, File
from kubectl_tcr.nodes.containerd.effective import DEFAULT_LIST, Registry, registry
from kubectl_tcr.nodes.containerd.release import FIRST_TO_READ
from kubectl_tcr.nodes.report import Problem

# The flag that turns a table into hosts.toml files.
MIGRATE = "--migrate"


def problems(config: ConfigToml) -> Iterator[Problem]:
    """What keeps a configuration from meaning what it says, with its containerd if that is known."""
    found = registry(config)
    yield from blocking(config)
    yield from of_table(config, found)
    yield from of_versions(config)
    if missed := of_list(config, found):
        yield missed
    if config.restart_pending:
        yield Problem(
            config.main.path,
            "was changed by a script that did not live to restart containerd; restart it, or run it again",
        )


def blocking(config: ConfigToml) -> Iterator[Problem]:
    """Those that no change of registries can solve."""
    for file in config.files:
        first = FIRST_TO_READ[file.version]
        if file.text is not None and config.release and config.release < first:
            shown = ".".join(map(str, first))
            what = f"is version {file.version}, which containerd knows from {shown} on, not {config.release}"
            yield Problem(file.path, what)
        for name in toml.strings(file.data.get("disabled_plugins")):
            if name in ("cri", "io.containerd.grpc.v1.cri"):
                yield Problem(file.path, f"the CRI plugin is disabled ({name}): the kubelet cannot use this containerd")


def of_table(config: ConfigToml, found: Registry) -> Iterator[Problem]:
    """What is wrong with a table of mirrors, or settings of TLS, where they stand."""
    file, release = config.main.path, config.release
    names = ", ".join(found.mirrors)
    if found.mirrors and release and not release.reads_mirrors:
        what = f"mirrors are set ({names}): containerd 2.2.0 and 2.2.1 do not load their CRI plugin with them"
        yield Problem(file, what + config.next(MIGRATE))
    elif found.config_path and found.mirrors:
        what = f"config_path and mirrors ({names}) are both set: containerd's CRI plugin does not load"
        yield Problem(file, what + config.next(MIGRATE))
    if found.config_path and found.tls:
        effect = "containerd 1.x does not load its CRI plugin, later ones ignore the tls"
        tls = ", ".join(found.tls)
        yield Problem(file, f"config_path and configs with tls ({tls}) are both set: {effect}{config.next(MIGRATE)}")


def of_list(config: ConfigToml, found: Registry) -> Problem | None:
    """A list of folders that is taken for one, or may be, as the release is not known."""
    if len(found.folders) > 1 and config.release is None:
        what = f"config_path is {found.config_path}, and from containerd 2.1 on a list is taken for one folder"
        return Problem(config.main.path, what + config.next("--containerd VERSION"))
    if not found.is_folder_missed(config.release):
        return None
    effect = f"containerd {config.release} takes that list for one folder, so it reads no hosts.toml"
    flags = "" if found.config_path == DEFAULT_LIST else f"--config-path {found.folders[0]}"
    return Problem(config.main.path, f"config_path is {found.config_path}: {effect}{config.next(flags)}")


def of_versions(config: ConfigToml) -> Iterator[Problem]:
    """Registry tables that containerd does not read for the version of their file, and says nothing."""
    release = config.release
    for file in config.files:
        if file.version == 1 and release and not release.reads_version_1 and toml.at(file.data, TABLES[1]):
            what = f"is version 1: containerd {release} ignores its [plugins.cri] without a word"
            yield Problem(file.path, what + config.next(MIGRATE))
        for path in sorted(set(TABLES.values()) - {TABLES[file.version]}):
            if _is_ignored(file, path):
                name, wanted = toml.dotted((*path, "registry")), toml.dotted(file.registry)
                effect = "is ignored without a word"
                if file.version > 1 and path == TABLES[1]:
                    effect = "keeps containerd 1.x from starting, and 2.x ignores it without a word"
                what = f"[{name}] {effect}: the file is version {file.version}, whose table is [{wanted}]"
                yield Problem(file.path, what + config.next(MIGRATE))


def _is_ignored(file: File, path: tuple[str, ...]) -> bool:
    table = toml.at(file.data, (*path, "registry"))
    if not isinstance(table, dict) or not (table.get("mirrors") or table.get("config_path")):
        return False
    # containerd 2 moves the settings of version 2 into the newer table, so that one is not lost.
    return not (file.version == 2 and path == IMAGES)
