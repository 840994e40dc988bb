"""The laws of docs/design.md as properties: documents in every style and quoting, any bytes, any chunks."""

import json
import string
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from kubectl_tcr import InputError, rewrite, stream
from kubectl_tcr.splice import Edit, splice
from tests.conftest import NINE

BEFORE, AFTER = "quay.io/acme/app:1", "quay-io.mirror.example/acme/app:1"

# Words that may stand around a reference; none of them looks like one, or begins a comment.
words = st.text(alphabet=string.ascii_letters + "0123456789éß🐳_-+\"'\\", min_size=1, max_size=8)
lines = st.lists(st.lists(words, max_size=4), max_size=4)


def values() -> st.SearchStrategy[str]:
    """Strings of several lines with one tagged reference in the midst of them."""
    return st.builds(
        lambda before, after: "\n".join(map(" ".join, before)) + f" {BEFORE} " + "\n".join(map(" ".join, after)),
        lines,
        lines,
    )


def single_quoted(value: str) -> str:
    return "'" + value.replace("'", "''").replace("\n", "\n\n    ") + "'"


def double_quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def escaped(value: str) -> str:
    """Every second character as an escape, the host's among them."""
    return '"' + "".join(f"\\U{ord(c):08x}" if i % 2 else _plain_escape(c) for i, c in enumerate(value)) + '"'


def _plain_escape(character: str) -> str:
    return {"\n": "\\n", '"': '\\"', "\\": "\\\\"}.get(character, character)


def literal(value: str) -> str:
    return "|2-\n" + "\n".join("  " + line for line in value.split("\n"))


def folded(value: str) -> str:
    return ">-\n  " + " ".join(value.split()).replace(" ", "\n  ")


def plain(value: str) -> str:
    return "x " + " ".join("".join(c for c in word if c not in "\"'\\") or "x" for word in value.split())


STYLES: dict[str, Callable[[str], str]] = {
    "single": single_quoted,
    "double": double_quoted,
    "escaped": escaped,
    "literal": literal,
    "folded": folded,
    "plain": plain,
}


def load(text: str) -> dict[str, str]:
    loaded: dict[str, str] = YAML(typ="safe", pure=True).load(text)
    return loaded


@pytest.mark.parametrize("style", STYLES)
@given(value=values(), other=values())
def test_only_the_host_of_the_reference_changes_in_every_style(style: str, value: str, other: str) -> None:
    text = f"first: {STYLES[style](value)}\nsecond: {json.dumps(other)}\nthird: done\n"
    if "# " in text or load(text) is None:
        return
    output = rewrite(text.encode(), NINE).output.decode()
    expected = {key: item.replace(BEFORE, AFTER) for key, item in load(text).items()}
    assert load(output) == expected
    assert rewrite(output.encode(), NINE).output.decode() == output


@given(value=values())
def test_only_the_host_of_the_reference_changes_in_json(value: str) -> None:
    source = json.dumps({"first": value, "second": [value]})
    output = rewrite(source.encode(), NINE).output.decode()
    assert json.loads(output) == {"first": value.replace(BEFORE, AFTER), "second": [value.replace(BEFORE, AFTER)]}
    assert output.replace("quay-io.mirror.example", "quay.io") == source


@given(value=values(), depth=st.integers(1, 5))
def test_a_document_in_a_string_in_a_string_keeps_all_quoting(value: str, depth: int) -> None:
    text = value
    for _ in range(depth):
        text = json.dumps({"inner": text})
    output = rewrite(text.encode(), NINE).output.decode()
    assert output == text.replace("quay.io/", "quay-io.mirror.example/")


@given(st.text())
def test_no_edits_change_nothing(text: str) -> None:
    assert splice(text, []) == text


@given(st.text(min_size=4), st.text())
def test_an_edit_changes_its_span_and_no_more(text: str, new: str) -> None:
    assert splice(text, [Edit(1, 3, new)]) == text[:1] + new + text[3:]


def test_edits_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        splice("abcdef", [Edit(0, 3, "x"), Edit(2, 4, "y")])


pieces = st.lists(
    st.sampled_from(
        [
            b"---\n",
            b"--- # c\n",
            b"---\r\n",
            b"...\n",
            b"a: 1\n",
            b"\n",
            b"# c\n",
            b'{"a": 1}',
            b"{}",
            b" ",
            b'"}',
            b"{a: 'b}'}\n",
        ]
    ),
    max_size=12,
)


@given(pieces, st.integers(1, 7))
@example([b'{"a": 1}', b"\n", b"---\n", b"a: 1\n"], 1)
def test_a_stream_is_its_documents_however_it_arrives(parts: list[bytes], size: int) -> None:
    source = b"".join(parts)
    chunks = [source[start : start + size] for start in range(0, len(source), size)]
    try:
        whole = list(stream.split([source], "x"))
    except InputError:
        with pytest.raises(InputError):
            list(stream.split(chunks, "x"))
        return
    assert b"".join(document.head + document.body for document in whole) == source
    assert list(stream.split(chunks, "x")) == whole


def rewritten_or_refused(source: bytes) -> bytes | None:
    """The output, None where the input was refused; nothing else may happen."""
    try:
        return rewrite(source, NINE).output
    except InputError:
        return None


@given(st.binary(max_size=200))
def test_any_bytes_are_rewritten_or_refused(source: bytes) -> None:
    output = rewritten_or_refused(source)
    assert output in (None, source)


@given(st.lists(st.sampled_from([*"abq:-? \n#'\"|>[]{},&*!%@`\\\t/.", BEFORE, "image: ", "- ", "  "]), max_size=40))
def test_anything_like_yaml_is_rewritten_twice_alike_or_refused(tokens: list[str]) -> None:
    source = "".join(tokens).encode()
    once = rewritten_or_refused(source)
    if once is None:
        return
    assert rewrite(once, NINE).output == once
    assert once.replace(b"quay-io.mirror.example", b"quay.io") == source
