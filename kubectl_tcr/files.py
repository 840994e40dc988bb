"""Files: read within bounds, and replaced whole or not at all."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from typing import IO, TYPE_CHECKING

from kubectl_tcr.errors import OutputError

if TYPE_CHECKING:  # see run/sources.py
    from pathlib import Path

# The largest configuration that is read, in bytes; ten thousand rules take a tenth of it.
_LARGEST = 4 << 20
TOO_LARGE = f"holds more than {_LARGEST >> 20} MiB, so it is no configuration"


def configuration(name: str) -> bytes | None:
    """The bytes of a configuration, None where they are too many for one: a device has no end. Raises OSError."""
    with open(name, "rb") as file:  # noqa: PTH123 see run/sources.py
        raw = file.read(_LARGEST + 1)
    return raw if len(raw) <= _LARGEST else None


@contextlib.contextmanager
def writing(what: str) -> Iterator[None]:
    """Turn a failed write into an OutputError; a closed pipe stays a BrokenPipeError."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(f"cannot write {what}: {error.strerror}") from None


def replace(target: "Path", fill: Callable[[IO[bytes]], object]) -> None:
    """Put new content in place of a file, atomically, its mode and owner kept; `fill` writes it.

    Raises OutputError; the file is then what it was.
    """
    with writing(str(target)):
        put(target, fill, target.stat())


def put(target: "Path", fill: Callable[[IO[bytes]], object], status: os.stat_result | None) -> None:
    """Put a complete, synced file in place by a rename; `fill` writes it, `status` has the mode and owner to keep.

    Raises OSError; what was there is then there still.
    """
    # Named before it is made, so that an interrupt at any time finds it and takes it away.
    name = target.with_name(f".{target.name}.{os.urandom(8).hex()}")
    try:
        with os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        name.chmod(status.st_mode & 0o7777 if status else 0o644)
        if status:
            _keep_owner(name, status)
        name.replace(target)
        _sync_directory(target.parent)
    except BaseException:
        with contextlib.suppress(OSError):
            name.unlink()
        raise


def _keep_owner(name: "Path", status: os.stat_result) -> None:
    """Give a new file the owner of the old one, where that is allowed."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.chown(name, status.st_uid, status.st_gid)


def _sync_directory(directory: "Path") -> None:
    """Make a rename last, where directories can be synced at all (not on Windows)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
