"""What would change on a node: files before and after, shown as a diff, written one by one.

A node is a folder: `/`, or a copy of a node's `/etc` somewhere below another root. Nothing is
read or written outside it, whatever links say.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import NamedTuple

from kubectl_tcr.errors import Location, NodeError, OutputError
from kubectl_tcr.files import TOO_LARGE, configuration, put, sweep, writing

# Behind the name of a file: as it was before the first change, which stays, and before the last of several.
BACKUP = ".before-tcr-nodes"
LAST = f"{BACKUP}.last"


class Change(NamedTuple):
    """A file of a node: its absolute path there, its bytes (None if it is not there), and those it should have."""

    path: str
    before: bytes | None
    after: bytes

    @property
    def is_needed(self) -> bool:
        """Whether anything changes."""
        return self.before != self.after


class Node(NamedTuple):
    """The root of a node's files, and files that are given by hand; an empty root has no files of its own."""

    root: str = ""
    given: Mapping[str, bytes] = MappingProxyType({})

    @property
    def is_this_machine(self) -> bool:
        """Whether its root is `/`, so that what runs there can be asked."""
        return bool(self.root) and Path(self.root).resolve() == Path("/")

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None if it is not there; raises NodeError."""
        if path in self.given or not self.root:
            return self.given.get(path)
        place = self.place(path)
        try:
            if place.exists() and not place.is_file() and not place.is_dir():  # a FIFO or a device has no end
                raise NodeError("is no regular file", Location(str(place)))
            return read_file(place)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise NodeError(f"cannot be read: {error.strerror}", Location(str(place))) from None

    def text(self, path: str) -> str | None:
        """The text of a file, None if it is not there; raises NodeError."""
        raw = self.read(path)
        try:
            return None if raw is None else raw.decode()
        except UnicodeDecodeError:
            raise NodeError("is not UTF-8", Location(path)) from None

    def glob(self, pattern: str) -> tuple[str, ...]:
        """The paths of files that match a pattern in the last part of a path, sorted."""
        folder, name = str(PurePosixPath(pattern).parent), PurePosixPath(pattern).name
        if not self.root:
            return ()
        with suppress(OSError):
            return tuple(f"{folder}/{found.name}" for found in sorted(self.place(folder).glob(name)))
        return ()

    def glob_below(self, folder: str, name: str) -> tuple[str, ...]:
        """The paths of the files with a name in the folders right below one, sorted."""
        if not self.root:
            return ()
        with suppress(OSError):
            found = sorted(self.place(folder).glob(f"*/{name}"))
            return tuple(f"{folder}/{path.parent.name}/{name}" for path in found)
        return ()

    def is_folder(self, path: str) -> bool:
        """Whether a folder is there; one outside of the root is not."""
        with suppress(NodeError, OSError):
            return bool(self.root) and self.place(path).is_dir()
        return False

    def place(self, path: str) -> Path:
        """Where a file of the node is here, links followed; raises NodeError where they lead out of the root."""
        root = Path(self.root).resolve()
        place = root / path.lstrip("/")
        with suppress(OSError, RuntimeError):
            real = place.resolve()
            if real.is_relative_to(root):
                return real
        raise NodeError(f"is a link that leads out of {self.root}; read or change it there", Location(str(place)))


def read_file(place: Path) -> bytes:
    """The bytes of a configuration; raises NodeError where it is too large to be one, and OSError."""
    raw = configuration(str(place))
    if raw is None:
        raise NodeError(TOO_LARGE, Location(str(place)))
    return raw


def diff(changes: Iterable[Change], *, is_escaped: bool = False) -> Iterator[bytes]:
    """The lines of a unified diff of what changes, by paths on the node; `is_escaped` as on a terminal."""
    for change in changes:
        if change.is_needed:
            yield from diff_of(*change, is_escaped=is_escaped)


def diff_of(path: str, before: bytes | None, after: bytes | None, *, is_escaped: bool = False) -> Iterator[bytes]:
    """The lines of a unified diff of a file of a node, None where there is none."""
    from kubectl_tcr.reports.diff import of_texts, shown

    for mark, line in of_texts(path.lstrip("/"), before, after):
        yield shown(mark, line, is_escaped=is_escaped)


def write(node: Node, changes: Iterable[Change], note: Callable[[Node, Change], None]) -> Iterator[Change]:
    """Write what is needed, in order, and hand out what was written; each is noted before.

    Each file is replaced whole by a rename, the one before kept beside it under BACKUP or LAST. Raises
    OutputError; the file at hand is then the old one, and none is written if one is read-only.
    """
    needed = [change for change in changes if change.is_needed]
    for change in needed:
        _refuse_read_only(node.place(change.path))
    for change in needed:
        place = node.place(change.path)
        sweep(place.parent)
        note(node, change)
        _replace(place, change)
        yield change


def _refuse_read_only(target: Path) -> None:
    """A rename would take the place of a read-only file, which somebody made so on purpose."""
    with suppress(FileNotFoundError, NotADirectoryError):
        if not target.stat().st_mode & 0o200:
            raise OutputError(f"{target} is read-only; make it writable (chmod u+w) if it may change")


def _replace(target: Path, change: Change) -> None:
    with writing(str(target)):
        make_folders(target.parent)
        if change.before is None:
            put(target, lambda file: file.write(change.after), None)
            return
        status = target.stat()
        if target.read_bytes() != change.before:
            raise OutputError(f"{target} was changed by somebody else in the meantime; run again")
        _keep(target, change.before, status)
        put(target, lambda file: file.write(change.after), status)


def make_folders(folder: Path) -> None:
    """A folder and those above it, for all to read, whatever this process makes of new ones."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        one.chmod(0o755)


def _keep(target: Path, before: bytes, status: os.stat_result) -> None:
    first = target.with_name(target.name + BACKUP)
    if not first.exists():
        put(first, lambda file: file.write(before), status)
    elif first.read_bytes() != before:
        put(target.with_name(target.name + LAST), lambda file: file.write(before), status)
