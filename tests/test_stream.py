"""How bytes are cut into documents: as kubectl cuts them, in chunks of any size, and no byte is lost."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kubectl_tcr import InputError, Rewriter
from kubectl_tcr.pipeline import Part
from kubectl_tcr.text import stream
from tests.conftest import NINE

# Head and body; then number, line, whether it is JSON, and the column.
Cut = tuple[bytes, bytes, int, int, bool, int]

STREAMS: dict[bytes, list[Cut]] = {
    b"": [],
    b"\n": [(b"", b"\n", 0, 1, False, 0)],
    b"a: 1": [(b"", b"a: 1", 1, 1, False, 0)],
    # Separators: the line in front of a document is its head; blank documents have no number of their own.
    b"---\na: 1\n": [(b"---\n", b"a: 1\n", 1, 2, False, 0)],
    b"a: 1\n---\nb: 2\n": [(b"", b"a: 1\n", 1, 1, False, 0), (b"---\n", b"b: 2\n", 2, 3, False, 0)],
    b"a: 1\n---\n": [(b"", b"a: 1\n", 1, 1, False, 0), (b"---\n", b"", 1, 3, False, 0)],
    b"a: 1\n---": [(b"", b"a: 1\n", 1, 1, False, 0), (b"---", b"", 1, 2, False, 0)],
    b"---\n": [(b"---\n", b"", 0, 2, False, 0)],
    b"---\n---\na: 1\n": [(b"---\n", b"", 0, 2, False, 0), (b"---\n", b"a: 1\n", 1, 3, False, 0)],
    b"\n---\na: 1": [(b"", b"\n", 0, 1, False, 0), (b"---\n", b"a: 1", 1, 3, False, 0)],
    b"--- # first\na: 1\n---\t#x\nb: 2": [
        (b"--- # first\n", b"a: 1\n", 1, 2, False, 0),
        (b"---\t#x\n", b"b: 2", 2, 4, False, 0),
    ],
    b"a: 1\r\n---  \r\nb: 2\r\n": [
        (b"", b"a: 1\r\n", 1, 1, False, 0),
        (b"---  \r\n", b"b: 2\r\n", 2, 3, False, 0),
    ],
    # Blanks of any alphabet may stand behind it.
    "a: 1\n---\u00a0\nb: 2\n---\u3000 # c\n".encode(): [
        (b"", b"a: 1\n", 1, 1, False, 0),
        ("---\u00a0\n".encode(), b"b: 2\n", 2, 3, False, 0),
        ("---\u3000 # c\n".encode(), b"", 2, 5, False, 0),
    ],
    # A separator stands at the start of a line, whatever surrounds it.
    b"a: |\n  ---\n --- x\nb: --- c": [(b"", b"a: |\n  ---\n --- x\nb: --- c", 1, 1, False, 0)],
    b"a: |\n  x\n---\n  y": [(b"", b"a: |\n  x\n", 1, 1, False, 0), (b"---\n", b"  y", 2, 4, False, 0)],
    b"a: 1\n...\nb: 2\n": [(b"", b"a: 1\n...\nb: 2\n", 1, 1, False, 0)],
    # A byte order mark behind a separator belongs to the document.
    b"---\n\xef\xbb\xbfa: 1\n": [(b"---\n", b"\xef\xbb\xbfa: 1\n", 1, 2, False, 0)],
    # JSON values in a row, on lines of their own or not.
    b'{"a": 1}': [(b"", b'{"a": 1}', 1, 1, True, 0)],
    b' \n{"a": "}"}\n{}\n': [(b"", b' \n{"a": "}"}\n', 1, 1, True, 0), (b"", b"{}\n", 2, 3, True, 0)],
    b'{"a": "\\"{"}{"b": [1]} {}': [
        (b"", b'{"a": "\\"{"}', 1, 1, True, 0),
        (b"", b'{"b": [1]} ', 2, 1, True, 12),
        (b"", b"{}", 3, 1, True, 23),
    ],
    '{"é": 1}{}'.encode(): [(b"", '{"é": 1}'.encode(), 1, 1, True, 0), (b"", b"{}", 2, 1, True, 8)],
    # JSON, then YAML behind a separator.
    b'{"a": 1}\n---\nb: 2\n': [(b"", b'{"a": 1}\n', 1, 1, True, 0), (b"---\n", b"b: 2\n", 2, 3, False, 0)],
    b'{"a": 1}\n---\n{"b": 2}\n': [
        (b"", b'{"a": 1}\n', 1, 1, True, 0),
        (b"---\n", b'{"b": 2}\n', 2, 3, False, 0),
    ],
    # Flow YAML begins like JSON.
    b"{a: 1}\n": [(b"", b"{a: 1}\n", 1, 1, True, 0)],
    b"{a: 1}: b\n": [(b"", b"{a: 1}: b\n", 1, 1, False, 0)],
    b"{a: 1} # why\n---\nb: 2\n": [
        (b"", b"{a: 1} # why\n", 1, 1, False, 0),
        (b"---\n", b"b: 2\n", 2, 3, False, 0),
    ],
    b"{a: 'it\"s'}\n---\nb: 2\n": [
        (b"", b"{a: 'it\"s'}\n", 1, 1, False, 0),
        (b"---\n", b"b: 2\n", 2, 3, False, 0),
    ],
    b'{"a": 1': [(b"", b'{"a": 1', 1, 1, False, 0)],
}  # fmt: skip


def chunked(source: bytes, size: int) -> Iterator[bytes]:
    return (source[at : at + size] for at in range(0, len(source), size))


def documents(source: bytes, size: int) -> list[Cut]:
    _, text = stream.decode(chunked(source, size), "x")
    found = stream.split(text, "x")
    return [(part.head, part.body, part.number, part.line, part.is_json, part.column) for part in found]


@pytest.mark.parametrize("source", STREAMS)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 1000])
def test_the_documents_of_a_stream_in_chunks_of_any_size(source: bytes, size: int) -> None:
    found = documents(source, size)
    assert found == STREAMS[source]
    assert b"".join(head + body for head, body, *_ in found) == source


def test_empty_chunks_end_nothing() -> None:
    chunks = [b"", b"a: ", b"", b"1\n--", b"", b"-\nb: 2", b""]
    _, text = stream.decode(chunks, "x")
    assert [document.body for document in stream.split(text, "x")] == [b"a: 1\n", b"b: 2"]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 1000])
@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (b"", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
    ],
)
def test_every_encoding_comes_back(mark: bytes, codec: str, size: int) -> None:
    text = "a: \U0001f600é\r\n---\nb: 2"
    encoding, chunks = stream.decode(chunked(mark + text.encode(codec), size), "x")
    assert encoding == (codec, mark)
    decoded = b"".join(chunks)
    assert decoded == text.encode()
    assert encoding.mark + encoding.encode(decoded) == mark + text.encode(codec)


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("source", "message"),
    [
        (b"a: 1\n---x\nb: 2", "x:2:4: text after ---"),
        ("a: 1\n---\u00a0x\nb: 2".encode(), "x:2:4: text after ---"),
        (b"a: 1\n---\x1c\nb: 2", "x:2:4: text after ---"),
        (b"a: 1\n--- b: 2\n", "x:2:4: text after ---"),
        (b"----\n", "x:1:4: text after ---"),
        (b"a\n\n--- |", "x:3:4: text after ---"),
        (b'{"a": 1}\n---x', "x:2:4: text after ---"),
        (b"---\n---\n\n---!", "x:4:4: text after ---"),
        (b"a: b\n \xff", "x:2:2: invalid UTF-8"),
        (b"a: \xc3", "x:1:4: invalid UTF-8"),
        (b"\xed\xa0\x80", "x:1:1: invalid UTF-8"),
        (b"\xff\xfea\0b", "x:1:2: invalid UTF-16-LE"),
        (b"a\nb\0c", "x:2:2: a NUL byte"),
    ],
)
def test_a_stream_that_is_refused_says_where(source: bytes, message: str, size: int) -> None:
    with pytest.raises(InputError) as caught:
        documents(source, size)
    assert str(caught.value).startswith(message)


def test_documents_come_before_the_stream_ends() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"a: 1\n---\n"

    found = stream.split(endless(), "x")
    assert [next(found).number for _ in range(50)] == list(range(1, 51))


# Batches: pieces of a YAML stream that can be split on their own.

BATCH_PIECES = [
    *("---\n", "---", "--- # x\n", "---\r\n", "\n---", "--- x\n", "----\n", "...\n"),
    *("a: 1\n", "b: |\n  ---\n", " ---\n", "- - -\n", "-", "é", "{}\n", "# x\n", "\n", " ", "\r\n", "\r"),
]
BATCH_STREAMS = (
    st.lists(st.sampled_from(BATCH_PIECES), max_size=24)
    .map(lambda pieces: "".join(pieces).encode())
    .filter(lambda source: not stream.is_json(source))
)


def batched(source: bytes, size: int, chunk: int) -> list[stream.Document] | str:
    """The documents of a stream that is split batch by batch, or why it is refused."""
    found: list[stream.Document] = []
    try:
        for batch in stream.batches(chunked(source, chunk), size):
            number = found[-1].number if found else 0
            found += stream.split([batch.text], "x", stream.Start(batch.line, number))
    except InputError as error:
        return str(error)
    return found


def split_whole(source: bytes) -> list[stream.Document] | str:
    try:
        return list(stream.split([source], "x"))
    except InputError as error:
        return str(error)


@settings(max_examples=300)
@given(BATCH_STREAMS, st.integers(1, 20), st.integers(1, 8))
def test_batches_in_a_row_are_the_stream(source: bytes, size: int, chunk: int) -> None:
    batches = list(stream.batches(chunked(source, chunk), size))
    assert b"".join(batch.text for batch in batches) == source
    assert all(batch.text.startswith(b"---") for batch in batches[1:])
    seen = b""
    for batch in batches:
        assert seen[-1:] in (b"", b"\n")
        assert batch.line == seen.count(b"\n") + 1
        seen += batch.text


@settings(max_examples=300)
@given(BATCH_STREAMS, st.integers(1, 20), st.integers(1, 8))
def test_batches_hold_the_documents_of_the_stream(source: bytes, size: int, chunk: int) -> None:
    assert batched(source, size, chunk) == split_whole(source)


def test_a_stream_is_cut_once_there_is_enough_of_it() -> None:
    source = b"---\na: 1\n" * 100
    sizes = [len(batch.text) for batch in stream.batches(chunked(source, 10), 90)]
    assert max(sizes) < 120
    assert len(sizes) > 7


def test_half_a_character_ends_no_stream() -> None:
    source = "a: é\n---\nb: 1\n".encode()
    _, text = stream.decode(chunked(source, 1), "x")
    assert b"".join(batch.text for batch in stream.batches(text, 1)) == source


def test_a_stream_of_one_document_is_one_batch() -> None:
    source = b"a: |\n" + b"  ---\n" * 100
    assert list(stream.batches(chunked(source, 7), 20)) == [stream.Batch(source, 1)]


def test_batches_come_before_the_stream_ends() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"a: 1\n---\n"

    found = stream.batches(endless(), 20)
    assert [next(found).line for _ in range(3)] == [1, 6, 10]


# Streams with several faults: bytes that are no text, separators that are none, documents that cannot be read.

FAULTS = [
    "\0",
    "\udcff",
    "--- x\n",
    "---x",
    "a: [\n",
    "image: b: quay.io/a\n",
    "%YAML 1.1\n",
    '{"image": quay.io/a: }\n',
]
FAULTY_STREAMS = st.lists(
    st.sampled_from([*FAULTS, "---\n", "---", "image: quay.io/a/b\n", "{}", "\n", "é"]), max_size=10
).map(lambda pieces: "".join(pieces).encode(errors="surrogateescape"))
REWRITER = Rewriter(NINE)


def refused(parts: Iterator[Part]) -> str:
    """Why documents are refused, empty if they are not."""
    try:
        list(parts)
    except InputError as error:
        return str(error)
    return ""


def refused_in_batches(source: bytes, size: int, chunk: int) -> str:
    try:
        number = 0
        _, text = stream.decode(chunked(source, chunk), "x")
        for batch in stream.batches(text, size):
            start = stream.Start(batch.line, number)
            for part in REWRITER.documents([batch.text], "x", start):
                number = part.document.number
    except InputError as error:
        return str(error)
    return ""


@settings(max_examples=300)
@given(FAULTY_STREAMS, st.integers(1, 20), st.integers(1, 8))
def test_the_same_fault_is_told_however_a_stream_is_cut(source: bytes, size: int, chunk: int) -> None:
    told = refused(REWRITER.parts([source], "x")[1])
    assert refused(REWRITER.parts(chunked(source, chunk), "x")[1]) == told
    if not stream.is_json(source):
        assert refused_in_batches(source, size, chunk) == told


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("source", "first"),
    [
        (b"image: b: quay.io/a\n---\na: \xff\n", "x:1:9: document 1"),
        (b"image: b: quay.io/a\n---\na: \0\n", "x:1:9: document 1"),
        (b"image: b: quay.io/a\n--- x", "x:1:9: document 1"),
        (b"a: \0\n---\nb: \xff\n", "x:1:4: a NUL byte"),
        (b"a: 1\n--- x\nb: \xff\n", "x:2:4: text after ---"),
    ],
)
def test_of_two_faults_the_first_is_told(source: bytes, first: str, size: int) -> None:
    assert refused(REWRITER.parts(chunked(source, size), "x")[1]).startswith(first)
