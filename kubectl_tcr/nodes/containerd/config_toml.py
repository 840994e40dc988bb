"""The config.toml of containerd as found on a node, with the files that it imports."""

import shlex
from typing import NamedTuple

from kubectl_tcr.errors import Location, NodeError
from kubectl_tcr.nodes import toml
from kubectl_tcr.nodes.containerd.release import FIRST_TO_READ, Release
from kubectl_tcr.nodes.plan import Node

CONFIG = "/etc/containerd/config.toml"
# What the script leaves beside a config.toml that containerd has not been restarted for.
PENDING = ".tcr-nodes-restart"

# The CRI plugin's settings of images, by the version of the file (containerd's RELEASES.md, Daemon Configuration).
IMAGES = ("plugins", "io.containerd.cri.v1.images")
TABLES = {
    1: ("plugins", "cri"),
    2: ("plugins", "io.containerd.grpc.v1.cri"),
    3: IMAGES,
    4: IMAGES,
}


class File(NamedTuple):
    """A file of configuration: its path on the node, its text (None if it is not there), values and version."""

    path: str = CONFIG
    text: str | None = None
    data: toml.Table = {}  # noqa: RUF012 never changed
    version: int = 2

    @property
    def registry(self) -> tuple[str, ...]:
        """The keys of the registry table that this version of the file has."""
        return (*TABLES[self.version], "registry")

    def with_text(self, text: str) -> "File":
        """The file with another text; raises NodeError."""
        return _file(self.path, text)


class ConfigToml(NamedTuple):
    """The files of a containerd: config.toml, then what it imports, in the order that containerd takes them.

    `dump` is what containerd itself makes of them all, where it was asked; `said` the command behind the program.
    """

    files: tuple[File, ...] = (File(),)
    release: Release | None = None
    dump: File | None = None
    restart_pending: bool = False
    said: str = "containerd --root /"

    def next(self, flags: str) -> str:
        """How a message ends that has a way out: the command for these files, with more flags."""
        return f"; next: kubectl tcr-nodes {self.said} {flags}".rstrip()

    @property
    def main(self) -> File:
        """The file that the others are imported by."""
        return self.files[0]

    def with_text(self, file: File, text: str) -> "ConfigToml":
        """The same files, one of them with another text; what containerd makes of them is not known then."""
        return self._replace(files=tuple(one.with_text(text) if one == file else one for one in self.files), dump=None)


def read(node: Node, file: str = CONFIG, release: Release | None = None, dump: str = "", said: str = "") -> ConfigToml:
    """The files of a node; raises NodeError if one cannot be understood."""
    text = node.text(file)
    files = (_new(file, release),) if text is None else _with_imports(node, _file(file, text), release)
    seen = _file("containerd config dump", dump) if dump else None
    said = said or f"containerd --root {shlex.quote(node.root)}"
    return ConfigToml(files, release, seen, node.read(file + PENDING) is not None, said)


def _new(path: str, release: Release | None) -> File:
    """A file that is not there yet, of the newest version that the release is sure to read."""
    return File(path, version=3 if release and release >= FIRST_TO_READ[3] else 2)


def _with_imports(node: Node, main: File, release: Release | None) -> tuple[File, ...]:
    """A file and those it imports, and those they import, each once (`LoadConfig`)."""
    files: dict[str, File] = {}
    pending = [main]
    while pending:
        file = pending.pop(0)
        files[file.path] = file
        patterns = (one for one in toml.strings(file.data.get("imports")) if _is_looked_for(one, release))
        paths = (path for pattern in patterns for path in _resolve(pattern, file, node))
        new = dict.fromkeys(path for path in paths if path not in files)
        pending += [_file(path, text) for path in new if (text := node.text(path)) is not None]
    return tuple(files.values())


def _file(path: str, text: str) -> File:
    data = toml.load(text, path)
    return File(path, text, data, _version(data, path))


def _version(data: toml.Table, path: str) -> int:
    version = data.get("version", 1)
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise NodeError(f"version = {version!r} is no number of a configuration version", Location(path))
    if version > max(TABLES):
        raise NodeError(
            f"is configuration version {version}; this tool knows 1 to {max(TABLES)}, so it stays as it is",
            Location(path),
        )
    return version or 1


def _is_looked_for(pattern: str, release: Release | None) -> bool:
    return pattern.startswith("/") or "*" not in pattern or release is None or release.reads_relative_globs


def _resolve(pattern: str, file: File, node: Node) -> tuple[str, ...]:
    if not pattern.startswith("/"):
        pattern = f"{file.path.rpartition('/')[0]}/{pattern}"
    return node.glob(pattern) if "*" in pattern else (pattern,)
