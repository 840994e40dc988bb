"""Definitions in files and directories, as `--crds` and `crds:` name them."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from kubectl_tcr.crds import learn
from kubectl_tcr.crds.learn import Learned
from kubectl_tcr.errors import ConfigError, InputError, Location
from kubectl_tcr.files import EXTENSIONS

# The largest file that is read, in bytes; those of 2,000 definitions take half of it.
_LARGEST = 256 << 20


def learned(names: Iterable[str]) -> Learned:
    """What the definitions in files, and in manifests below directories, say together.

    Raises ConfigError for a file that cannot be read or is broken. Below a directory, where all sorts of things lie, a
    file that is broken is skipped with a warning.
    """
    return learn.joined(map(_named, dict.fromkeys(names)))


def _named(name: str) -> Learned:
    if name.startswith(("http://", "https://")):
        raise ConfigError(f"{name} is a URL; this tool uses no network: kubectl get crd -o yaml > crds.yaml")
    if name == "-":
        raise ConfigError("definitions are read from a file or a directory; standard input is for manifests")
    if not os.path.isdir(name):  # noqa: PTH112 pathlib raises for names that are too long
        return _told(name, learn.of_stream([_read(name)], name))
    return _told(name, learn.joined(_below(name)))


def _told(name: str, found: Learned) -> Learned:
    """What was learned, with a warning where it is nothing for want of definitions."""
    if found.rows or found.warnings or found.definitions:
        return found
    return Learned(warnings=(f"{name}: holds no CustomResourceDefinition, so nothing is learned from it",))


def _below(name: str) -> Iterator[Learned]:
    for folder, folders, files in os.walk(name, onerror=_refuse):
        folders.sort()
        for file in sorted(files):
            if file.endswith(EXTENSIONS) and os.path.isfile(path := str(Path(folder, file))):  # noqa: PTH113 no device
                yield _found(path)


def _found(path: str) -> Learned:
    try:
        return learn.of_stream([_read(path)], path)
    except InputError as error:
        return Learned(warnings=(f"{error}; nothing is learned from this file",))


def _read(name: str) -> bytes:
    try:
        with open(name, "rb") as file:  # noqa: PTH123 pathlib raises for names that are too long
            raw = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be read: {getattr(error, 'strerror', error)}", Location(name)) from None
    if len(raw) > _LARGEST:
        raise ConfigError(f"holds more than {_LARGEST >> 20} MiB; name a part of it", Location(name))
    return raw


def _refuse(error: OSError) -> None:
    raise ConfigError(f"cannot be read: {error.strerror}", Location(str(error.filename)))
