"""Output held back until the whole input is understood, as one stream."""

import io
from collections.abc import Iterator
from typing import IO, NamedTuple

from kubectl_tcr.errors import InputError
from kubectl_tcr.files import writing
from kubectl_tcr.text.stream import UTF8, Encoding

# Output that is held in memory; what goes beyond waits in a temporary file.
_IN_MEMORY = 4 << 20
_CHUNK = 1 << 20
# White space of YAML and JSON alike.
_WHITE = b" \t\r\n"


class Held(NamedTuple):
    """What a spool held, in UTF-8: its encoding if an input had one, and whether JSON begins it."""

    encoding: Encoding | None
    is_json: bool
    text: bytes


class Spool:
    """Output held back until the whole input is understood.

    Several inputs become one stream: what a separator lacks is written between them. An input that is
    empty or blank says nothing of the stream, so it may stand in front of any other.
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = io.BytesIO()
        self._is_in_memory = True
        self._encoding: Encoding | None = None
        self._given: Encoding | None = None
        self._first: Encoding | None = None
        # Blank text that waits for an encoding: of inputs in front, and the beginning of this one.
        self._blank = self._prefix = b""
        self._is_json = False
        self._ends_line = True
        self._begun = False
        self._written = False
        self._is_blank = True

    def begin(self, encoding: Encoding) -> None:
        """A new input starts."""
        self._first = self._first or encoding
        self._given = encoding
        self._blank += self._prefix + (b"\n" if self._prefix and not self._prefix.endswith(b"\n") else b"")
        self._prefix = b""
        self._begun = False

    def write(self, text: bytes, *, is_json: bool) -> None:
        """Add UTF-8 of the current input; `is_json` tells of which kind its first document is.

        Raises InputError where the input cannot share a stream with those before.
        """
        if not text:
            return
        is_blank = not text.strip(_WHITE)
        if self._encoding is None:
            self._prefix += text
            if is_blank and len(self._blank) + len(self._prefix) < _IN_MEMORY:
                return
            text, self._prefix = self._prefix, b""
            self._settle(self._given or UTF8)
        if not self._begun:
            self._begun = True
            self._join(text, is_json=is_json, is_blank=is_blank)
        self._put((self._encoding or UTF8).encode(text))
        self._ends_line = text.endswith(b"\n")
        self._written = True
        self._is_blank = self._is_blank and is_blank

    def _settle(self, encoding: Encoding) -> None:
        """Choose the encoding of the stream, and write what has waited for it."""
        self._encoding = encoding
        self._put(encoding.mark + encoding.encode(self._blank))
        self._written = bool(self._blank)
        self._blank = b""

    def _join(self, text: bytes, *, is_json: bool, is_blank: bool) -> None:
        """Write what the stream lacks between two inputs."""
        encoding = self._encoding or UTF8
        if is_blank and self._is_json:
            return
        if self._given and self._given.codec != encoding.codec and not is_blank:
            raise InputError(
                f"{self._given.codec.upper()} and {encoding.codec.upper()} cannot share one output; "
                "run once for each encoding, or use --in-place"
            )
        if self._written and self._is_json != is_json and not self._is_blank:
            raise InputError("JSON and YAML cannot share one output; run once for each, or use --in-place")
        if self._written and not is_json:
            between = b"" if self._ends_line else b"\n"
            between += b"" if text.startswith(b"---") else b"---\n"
            self._put(encoding.encode(between))
        self._is_json = is_json

    def _finish(self) -> None:
        """Write blank text that nothing has followed."""
        if self._encoding is None and self._first:
            self._blank += self._prefix
            self._prefix = b""
            self._settle(self._first)

    def _put(self, raw: bytes) -> None:
        with writing("the temporary file"):
            self._file.write(raw)
            if self._is_in_memory and self._file.tell() > _IN_MEMORY:
                self._file = _on_disk(self._file)
                self._is_in_memory = False

    def copy_to(self, target: IO[bytes]) -> None:
        """Hand all of it out; raises OSError."""
        self._finish()
        self._file.seek(0)
        _copy(self._file, target)
        target.flush()

    def take(self) -> Held:
        """What is held, to be added to another spool; this one is then closed."""
        self._finish()
        self._file.seek(0)
        raw = self._file.read()
        self.close()
        encoding = self._encoding or UTF8
        return Held(self._encoding, self._is_json, encoding.decode(raw[len(encoding.mark) :]))

    def add(self, held: Held) -> None:
        """Add what another spool held as one input."""
        if held.encoding:
            self.begin(held.encoding)
        self.write(held.text, is_json=held.is_json)

    def pour_into(self, other: "Spool") -> None:
        """Add what is held, in UTF-8 and with no separator to come, to another spool."""
        for chunk in self.chunks():
            other.write(chunk, is_json=True)

    def chunks(self) -> Iterator[bytes]:
        """What is held, piece by piece; raises OutputError."""
        self._finish()
        with writing("the temporary file"):
            self._file.seek(0)
        yield from _chunks(self._file)

    def close(self) -> None:
        """Drop what is held."""
        self._file.close()


def _on_disk(held: IO[bytes]) -> IO[bytes]:
    """A temporary file with what was held in memory."""
    import tempfile

    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 closed by its owner
    try:
        held.seek(0)
        _copy(held, file)
    except BaseException:
        file.close()
        raise
    return file


def _copy(source: IO[bytes], target: IO[bytes]) -> None:
    for chunk in _chunks(source):
        target.write(chunk)


def _chunks(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(_CHUNK):
        yield chunk
