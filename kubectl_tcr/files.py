"""Files: read within bounds, and replaced whole or not at all."""

import contextlib
import os
import re
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import IO, TYPE_CHECKING, NamedTuple

from kubectl_tcr.errors import OutputError
from kubectl_tcr.signals import Held

if TYPE_CHECKING:  # see run/sources.py
    from pathlib import Path

# What kubectl takes from a directory (cli-runtime, FileExtensions).
EXTENSIONS = (".json", ".yaml", ".yml")
# The largest configuration that is read, in bytes; ten thousand rules take a tenth of it.
_LARGEST = 4 << 20
TOO_LARGE = f"holds more than {_LARGEST >> 20} MiB, so it is no configuration"


def configuration(name: str) -> bytes | None:
    """The bytes of a configuration, None where they are too many for one: a device has no end. Raises OSError."""
    with open(name, "rb") as file:  # noqa: PTH123 see run/sources.py
        raw = file.read(_LARGEST + 1)
    return raw if len(raw) <= _LARGEST else None


# Up to this size, in bytes, a file is read once more before it is replaced.
_COMPARED = 4 << 20
# What the names of files begin with that are to take the place of others, and all of such a name.
_OURS = ".kubectl-tcr."
_LEFT = r"\.kubectl-tcr\.[0-9a-f]{16}"


@contextlib.contextmanager
def writing(what: str) -> Iterator[None]:
    """Turn a failed write into an OutputError; a closed pipe stays a BrokenPipeError."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write {what}: {error.strerror}") from None


class Original:
    """A file that is to be replaced, as it was when it was read: what is saved meanwhile is not overwritten."""

    def __init__(self, path: "Path") -> None:
        self.path = path
        self._seen: _Identity | None = None
        self._sum = 0

    def read(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks of the file, looked at as they pass; raises what their iterator raises."""
        from binascii import crc32

        self._seen, self._sum = _identity(self.path), 0
        for chunk in chunks:
            if self._is_compared:
                self._sum = crc32(chunk, self._sum)
            yield chunk

    def replace(self, fill: Callable[[IO[bytes]], object]) -> None:
        """Put new content in place of the file, atomically, its mode and owner kept; `fill` writes it.

        Raises OutputError; the file is then what it was, or what somebody else has made of it.
        """
        with writing(str(self.path)):
            put(self.path, fill, self.path.stat(), self._refuse_a_change)

    def _refuse_a_change(self) -> None:
        if self._seen is None or _identity(self.path) != self._seen or not self._holds_what_was_read():
            raise OutputError(f"{self.path} was changed by another program meanwhile and is left as it is; run again")

    def _holds_what_was_read(self) -> bool:
        """Whether its bytes are those that were read, where that is cheap to know: times are coarse."""
        from binascii import crc32

        return not self._is_compared or crc32(self.path.read_bytes()) == self._sum

    @property
    def _is_compared(self) -> bool:
        return self._seen is not None and self._seen.size <= _COMPARED


class _Identity(NamedTuple):
    """What changes when a file is saved or replaced."""

    device: int
    inode: int
    size: int
    modified: int


def _identity(path: "Path") -> _Identity | None:
    """None where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return _Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


def put(
    target: "Path",
    fill: Callable[[IO[bytes]], object],
    status: os.stat_result | None,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Put a complete, synced file in place by a rename; `fill` writes it, `status` has the mode and owner to keep.

    `check` is called right in front of the rename, and refuses it by what it raises. Raises that and OSError; what was
    there is then there still.
    """
    # Named before it is made, so that an interrupt at any time finds it and takes it away.
    name = target.with_name(f"{_OURS}{os.urandom(8).hex()}")
    lock = None
    try:
        descriptor = _made(name)
        lock = os.dup(descriptor) if sys.platform != "win32" else None  # there a file that is open cannot be renamed
        with os.fdopen(descriptor, "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        _dress(name, status)
        check()
        name.replace(target)
        _sync_directory(target.parent)
    except BaseException:
        with Held(), contextlib.suppress(OSError):
            name.unlink()
        raise
    finally:
        if lock is not None:
            os.close(lock)


def _dress(name: "Path", status: os.stat_result | None) -> None:
    """Give a new file the mode of the old one and, where that is allowed, its owner."""
    mode = stat.S_IMODE(status.st_mode) if status else 0o644
    if status and sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.chown(name, status.st_uid, status.st_gid)  # clears set-id bits, so the mode comes after it
        made = name.stat()
        if (made.st_uid, made.st_gid) != (status.st_uid, status.st_gid):
            mode &= ~(stat.S_ISUID | stat.S_ISGID)  # they would lend the rights of somebody else
    name.chmod(mode)


def _sync_directory(directory: "Path") -> None:
    """Make a rename last, where directories can be synced at all (not on Windows)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


# A new file is ours by its name, and somebody's at work as long as its lock is held: the system gives that up with the
# process, however it ends. Where files cannot be locked, nothing is known to be left behind.


def _made(name: "Path") -> int:
    """A new file, open to be written, and locked."""
    while True:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with contextlib.suppress(OSError):
            _lock(descriptor)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)  # another run swept between the making and the lock


def sweep(folder: "Path") -> None:
    """Take away what killed runs have left in a folder, as far as that is possible; what runs are at work on stays."""
    if sys.platform == "win32":
        return
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_OURS) and re.fullmatch(_LEFT, entry.name):
                with contextlib.suppress(OSError):
                    _take_away(entry.path)


def _take_away(name: str) -> None:
    """Take away a file of ours that nobody is at work on; raises OSError where somebody is, or may be."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            _lock(descriptor, waits=False)
            os.unlink(name)  # noqa: PTH108 a string
    finally:
        os.close(descriptor)


def _lock(descriptor: int, *, waits: bool = True) -> None:
    """Lock a file for this process; raises OSError where another has it, or where files cannot be locked."""
    if sys.platform == "win32":
        raise OSError("files are not locked here")
    from fcntl import LOCK_EX, LOCK_NB, flock

    flock(descriptor, LOCK_EX if waits else LOCK_EX | LOCK_NB)
