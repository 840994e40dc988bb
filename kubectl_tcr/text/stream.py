"""From bytes to documents, as kubectl cuts them, and not a byte lost.

A line that begins with `---` separates documents (k8s.io/apimachinery, YAMLReader); a stream
whose first non-blank byte is `{` holds JSON values that may follow each other.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kubectl_tcr.errors import InputError, Location
from kubectl_tcr.text.patterns import lazy, lazy_bytes

_SEPARATOR = b"---"
# A quote on its own is a string that goes on in the next chunk.
_JSON_MARK = lazy_bytes(rb'"(?:[^"\\]++|\\.)*+"|[{}\[\]"]', re.DOTALL)
_BLANK = lazy_bytes(rb"\s*+")
# Blanks of Unicode (Go's unicode.IsSpace, which does not count U+001C to U+001F), and a comment.
_NO_TEXT = lazy(r"[^\S\x1c-\x1f]*+(?:#|\Z)")
# How many bytes are looked at at once where characters are counted, and those that go on with one (RFC 3629).
_COUNTED = 1 << 16
_CONTINUING = bytes(range(0x80, 0xC0))
_LINE_END = lazy_bytes(rb"[ \t\r]*+\n?")


class Encoding(NamedTuple):
    """How a stream is encoded: a codec of Python's, and the byte order mark in front."""

    codec: str
    mark: bytes

    def encode(self, text: bytes) -> bytes:
        """UTF-8 as bytes of this encoding, without the mark."""
        return text if self.codec == "utf-8" else text.decode().encode(self.codec)

    def decode(self, raw: bytes) -> bytes:
        """Bytes of this encoding, without the mark, as UTF-8."""
        return raw if self.codec == "utf-8" else raw.decode(self.codec).encode()


UTF8 = Encoding("utf-8", b"")
_MARKS = (
    Encoding("utf-8", codecs.BOM_UTF8),
    Encoding("utf-16-le", codecs.BOM_UTF16_LE),
    Encoding("utf-16-be", codecs.BOM_UTF16_BE),
)


class Document(NamedTuple):
    """A document of a stream, in UTF-8.

    `head` is the separator line in front of it, empty where there is none; all heads and bodies
    in order are the stream. `number` counts documents that are not blank, from 1; `line` is the
    1-based line on which the body begins, `column` the number of characters in front of it there:
    JSON values may follow each other on one line. `is_in_row` marks values that do follow each
    other: together they are no YAML document.
    """

    head: bytes
    body: bytes
    number: int
    line: int
    is_json: bool = False
    column: int = 0
    is_in_row: bool = False


def decode(chunks: Iterable[bytes], file: str) -> tuple[Encoding, Iterator[bytes]]:
    """The encoding of a stream, and its bytes as checked UTF-8 without the byte order mark.

    Raises InputError, at once or from the iterator, for bytes that are not text.
    """
    source = iter(chunks)
    first = b""
    for chunk in source:
        first += chunk
        if len(first) > len(codecs.BOM_UTF8):
            break
    for encoding in _MARKS:
        if first.startswith(encoding.mark):
            return encoding, _checked(_chain(first[len(encoding.mark) :], source), encoding, file)
    return UTF8, _checked(_chain(first, source), UTF8, file)


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def _checked(chunks: Iterator[bytes], encoding: Encoding, file: str) -> Iterator[bytes]:
    """Refuse what is not text of the encoding, NUL included; what comes out is UTF-8."""
    decoder = codecs.getincrementaldecoder(encoding.codec)()
    place = Location(file, 1, 1)
    for chunk in _chain_last(chunks):
        # ASCII behind whole characters is UTF-8: nothing is to be made of it.
        is_plain = encoding is UTF8 and bool(chunk) and chunk.isascii() and not decoder.getstate()[0]
        what = ""
        try:
            text = chunk.decode("ascii") if is_plain else decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            name = encoding.codec.upper()
            what = f"invalid {name} (byte 0x{error.object[error.start]:02x}); save the file as {name}"
            text = error.object[: error.start].decode(encoding.codec)
        if "\0" in text:
            what = "a NUL byte, so this is no text; pass YAML or JSON"
            text = text[: text.index("\0")]
        place = _behind(place, text)
        if text:  # half a character is none yet, and an empty chunk would end the stream
            yield chunk if is_plain and not what else text.encode()
        if what:  # behind what is wrong in front of it, however the stream comes in chunks
            raise InputError(what, place)


def _behind(place: Location, text: str) -> Location:
    """The place behind a piece of text that begins at a place."""
    line_start = text.rfind("\n") + 1
    column = len(text) - line_start + (1 if line_start else place.column)
    return place._replace(line=place.line + text.count("\n"), column=column)


def _chain_last(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        if chunk:
            yield chunk
    yield b""


class Start(NamedTuple):
    """Where a piece of a stream begins: its 1-based line, and how many documents stand in front of it."""

    line: int = 1
    number: int = 0


class Batch(NamedTuple):
    """Some whole documents of a YAML stream, with the line on which they begin."""

    text: bytes
    line: int


def batches(chunks: Iterable[bytes], size: int) -> Iterator[Batch]:
    """A YAML stream in pieces of at least a size, each but the first beginning with a separator line."""
    line, held, total, wanted = 1, [], 0, size
    given = iter(chunks)
    failure = None
    while True:
        try:
            chunk = next(given, b"")
        except InputError as error:  # the documents in front of it come first
            chunk, failure = b"", error
        held.append(chunk)
        total += len(chunk)
        if chunk and total < wanted:
            continue
        data = b"".join(held)
        held.clear()
        cut = data.rfind(b"\n---") + 1 if chunk or failure else len(data)
        if failure and data.startswith(_SEPARATOR, cut):  # the separator line may be wrong as well
            cut = data.find(b"\n", cut) + 1 or cut
        rest = data[cut:]
        if cut:
            done = Batch(data[:cut], line)
            line += data.count(b"\n", 0, cut)
            data = b""  # a long document is not held twice
            yield done
        if failure:
            raise failure
        if not chunk:
            return
        held = [rest]
        total = len(rest)
        wanted = max(size, 2 * total)  # a long document is not copied for every chunk of it


def is_json(first: bytes) -> bool:
    """Whether a stream that begins like this holds JSON."""
    return first.lstrip()[:1] in (b"{", b"")


def split(chunks: Iterable[bytes], file: str, start: Start = Start()) -> Iterator[Document]:  # noqa: B008 a value
    """The documents of a UTF-8 stream, or of a piece of one.

    Raises InputError for a separator line that kubectl refuses.
    """
    buffer = _Buffer(iter(chunks), start)
    while buffer.first() == b"" and buffer.grow():
        pass
    if buffer.first() == b"{":
        yield from _json(buffer)
    yield from _yaml(buffer, file)


class _Buffer:
    """The part of a stream that is not handed out yet, and how far the rest has come.

    `begin` is where that part begins in `data`, so that handing out copies nothing else.
    """

    def __init__(self, source: Iterator[bytes], start: Start) -> None:
        self._source = source
        self._failure: InputError | None = None
        self.data = b""
        self.begin = 0
        self.line = start.line
        self.column = 0
        self.number = start.number

    def grow(self) -> bool:
        """Read on, at least as much as is held already, so that no byte is copied often.

        Raises InputError for bytes that are no text, once all in front of them has been seen.
        """
        if self._failure:
            raise self._failure
        self.cut(self.begin)
        parts = []
        wanted = len(self.data)
        try:
            for chunk in self._source:
                parts.append(chunk)
                wanted -= len(chunk)
                if chunk and wanted <= 0:
                    break
        except InputError as error:
            if not any(parts):
                raise
            self._failure = error
        self.data = b"".join([self.data, *parts] if self.data else parts)  # one alone is not copied
        return any(parts)

    def cut(self, begin: int) -> None:
        """Forget what stands in front of an offset."""
        self.data = self.data[begin:]
        self.begin = 0

    def first(self, position: int = 0) -> bytes:
        """The first byte from `position` that is not blank, empty if there is none yet."""
        blank = _BLANK.match(self.data, position)
        end = blank.end() if blank else position
        return self.data[end : end + 1]

    def document(self, head: bytes, body: bytes, *, is_json: bool = False, is_in_row: bool = False) -> Document:
        """Number a document and move on behind it."""
        line, column = self.line + head.count(b"\n"), self.column
        self.line = line + body.count(b"\n")
        if is_json:
            line_start = body.rfind(b"\n") + 1
            self.column = _length(body, line_start) + (0 if line_start else column)
        if body and not body.isspace():
            self.number += 1
        return Document(head, body, self.number, line, is_json, column, is_in_row)


def _length(body: bytes, start: int) -> int:
    """How many characters stand from an offset on, told without a copy of them all."""
    pieces = range(start, len(body), _COUNTED)
    return sum(len(body[at : at + _COUNTED].translate(None, _CONTINUING)) for at in pieces)


def _yaml(buffer: _Buffer, file: str) -> Iterator[Document]:
    buffer.cut(buffer.begin)
    head, searched = b"", 0
    while True:
        data, start = buffer.data, 0
        for begin, end in _separators(data, searched):
            if begin > start or head:
                yield buffer.document(head, data[start:begin])
            head, start = data[begin:end], end
            _check(head, buffer.line, file)
        buffer.data = data[start:]
        data = b""  # a long document is not held twice
        searched = buffer.data.rfind(b"\n") + 1
        if not buffer.grow():
            break
    if buffer.data.startswith(_SEPARATOR, searched):
        body, last = buffer.data[:searched], buffer.data[searched:]
        if head or body:
            yield buffer.document(head, body)
        _check(last, buffer.line, file)
        head, buffer.data = last, b""
    if head or buffer.data:
        yield buffer.document(head, buffer.data)


def _separators(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """The spans of all separator lines that have an end, from the start of a line."""
    begin = start if data.startswith(_SEPARATOR, start) else _separator_behind(data, start)
    while begin >= 0:
        end = data.find(b"\n", begin) + 1
        if not end:
            return
        yield begin, end
        begin = _separator_behind(data, end - 1)


def _separator_behind(data: bytes, position: int) -> int:
    """The offset of the first separator line behind a line feed, -1 if there is none."""
    newline = data.find(b"\n---", position)
    return newline + 1 if newline >= 0 else -1


def _check(separator: bytes, line: int, file: str) -> None:
    """Refuse a separator line as kubectl does: it allows nothing but a comment behind `---`."""
    rest = separator[len(_SEPARATOR) :].strip()
    if rest and not rest.startswith(b"#") and not _NO_TEXT.match(rest.decode()):
        what = "text after ---; kubectl refuses it, put it on a line of its own"
        raise InputError(what, Location(file, line, 4))


def _json(buffer: _Buffer) -> Iterator[Document]:
    """The values of a JSON stream, up to where it stops being one.

    A value is handed out once it is known what follows it, so that a stream which is flow YAML
    after all goes to the YAML splitter from that value on.
    """
    is_first = True
    while (size := _value_size(buffer)) >= 0:
        while (following := buffer.first(buffer.begin + size)) == b"" and buffer.grow():
            pass
        end = buffer.begin + size
        if following == b"-" and not _ends_line(buffer.data, end):
            return
        if following not in (b"", b"{", b"-"):
            return
        blank = (_LINE_END if following == b"-" else _BLANK).match(buffer.data, end)
        stop = blank.end() if blank else end
        body = buffer.data[buffer.begin : stop]
        buffer.begin = stop
        yield buffer.document(b"", body, is_json=True, is_in_row=not is_first or following == b"{")
        is_first = False
        if following != b"{":
            return


def _ends_line(data: bytes, end: int) -> bool:
    """Whether nothing but white space follows in the line."""
    found = _LINE_END.match(data, end)
    return found is not None and found.group().endswith(b"\n")


def _value_size(buffer: _Buffer) -> int:
    """The size in bytes of the value that the buffer begins with, -1 if it has no end."""
    depth = size = 0
    while True:
        for found in _JSON_MARK.finditer(buffer.data, buffer.begin + size):
            mark = found.group()
            if mark == b'"':
                break
            size = found.end() - buffer.begin
            if mark in (b"{", b"["):
                depth += 1
            elif mark in (b"}", b"]"):
                depth -= 1
                if depth == 0:
                    return size
        if not buffer.grow():
            return -1
