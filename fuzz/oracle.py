"""What kubectl's own modules read: scripts/tools/yaml-oracle.go, which is asked stream by stream."""

import json
import os
import select
import struct
import subprocess
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

# The versions that the installed kubectl is built from, and the newest.
NAMES = ("yaml-oracle", "yaml-oracle-newest")
# What takes longer, in seconds, has no answer.
_LONGEST = 20
_SIZE = struct.Struct(">I")


class Answer(NamedTuple):
    """The documents that kubectl reads, as values of JSON, and why it reads no further, empty where it does.

    `documents` is None where there are more, or deeper ones, than the oracle tells.
    """

    documents: tuple[Any, ...] | None
    error: str


def folder() -> Path:
    """Where scripts/install-tools leaves executables."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("KUBECTL_TCR_TOOLS") or Path(home) / "kubectl-tcr-tools") / "bin"


class Oracle:
    """A process that answers; it is started by its first question, and again by the first behind one that it failed."""

    def __init__(self, program: Path) -> None:
        self._program = program
        self._running: subprocess.Popen[bytes] | None = None

    def ask(self, source: bytes) -> Answer:
        """What kubectl makes of a stream."""
        running = self._running = self._running or self._start()
        stdin, stdout = cast("IO[bytes]", running.stdin), cast("IO[bytes]", running.stdout)
        try:
            stdin.write(_SIZE.pack(len(source)) + source)
            (size,) = _SIZE.unpack(_read(stdout, _SIZE.size))
            reply = _read(stdout, size)
        except (OSError, TimeoutError) as error:
            self.close()
            return Answer(None, f"no answer: {error}")
        return _answer(reply)

    def close(self) -> None:
        """End the process."""
        if self._running:
            self._running.kill()
            self._running.communicate()
            self._running = None

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([self._program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)


def _answer(reply: bytes) -> Answer:
    try:
        found = json.loads(reply, parse_int=_number, parse_float=_number)
    except RecursionError:
        return Answer(None, "")
    documents = found["documents"]
    return Answer(None if documents is None else tuple(documents), found["error"])


def _number(digits: str) -> tuple[str, str]:
    """A number as it is spelled, and apart from a string."""
    return "number", digits


def _read(stream: IO[bytes], size: int) -> bytes:
    """As many bytes; raises TimeoutError, and OSError where the process is gone."""
    held = b""
    while len(held) < size:
        if not select.select([stream], [], [], _LONGEST)[0]:
            raise TimeoutError(f"nothing in {_LONGEST} s")
        more = stream.read(size - len(held))
        if not more:
            raise OSError("the oracle ended")
        held += more
    return held
