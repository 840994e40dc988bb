"""The laws, held against whatever comes: text, bytes, values in every style, manifests, mutants."""

import contextlib
import json
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from kubectl_tcr import InputError, RuleError, build, parse_rule, rewrite
from kubectl_tcr.images.mirrors import Rules
from kubectl_tcr.images.reference import parse
from kubectl_tcr.text import stream
from kubectl_tcr.text.splice import Edit, splice
from tests.conftest import FIXTURES, MIRRORS, NINE

# Edits.


@given(st.text())
def test_no_edits_change_nothing(text: str) -> None:
    assert splice(text, []) == text


@given(st.text(min_size=1), st.lists(st.integers(0, 100), unique=True, max_size=8), st.text(max_size=3), st.randoms())
def test_edits_are_made_in_any_order_once(text: str, cuts: list[int], new: str, random_: random.Random) -> None:
    marks = sorted({cut % (len(text) + 1) for cut in cuts})
    edits = [Edit(start, stop, new) for start, stop in zip(marks[::2], marks[1::2], strict=False)]
    expected = text
    for edit in reversed(edits):
        expected = expected[: edit.start] + edit.new + expected[edit.stop :]
    shuffled = edits * 2
    random_.shuffle(shuffled)
    assert splice(text, shuffled) == expected


# Streams.

PIECES = [
    "---\n",
    "---",
    "--- # x\r\n",
    "----",
    "-",
    "a: 1\n",
    "é",
    "{",
    "}",
    "{}",
    '"',
    "\\",
    "\n",
    " ",
    "\r\n",
    "[1]",
]


def cut(source: bytes, sizes: list[int]) -> Iterator[bytes]:
    """The source in chunks, the sizes over and over."""
    at = number = 0
    while at < len(source):
        yield source[at : at + sizes[number % len(sizes)]]
        at += sizes[number % len(sizes)]
        number += 1


def documents(source: bytes, sizes: list[int]) -> list[stream.Document] | str:
    """The documents of a stream, or why it is refused."""
    try:
        _, text = stream.decode(cut(source, sizes), "x")
        return list(stream.split(text, "x"))
    except InputError as error:
        return str(error)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES)).map("".join), st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_no_byte_is_lost_and_chunks_do_not_matter(text: str, sizes: list[int]) -> None:
    source = text.encode()
    whole = documents(source, [len(source) + 1])
    assert documents(source, sizes) == whole
    if not isinstance(whole, str):
        assert b"".join(document.head + document.body for document in whole) == source


# References and rules.

COMPONENT = st.from_regex(r"[a-z0-9]{1,4}(?:(?:\.|__|_|-)[a-z0-9]{1,4}){0,2}", fullmatch=True)
DOMAIN = st.sampled_from(
    ["", "quay.io/", "localhost/", "localhost:5000/", "[::1]:80/", "docker.io/", "index.docker.io/"]
)
TAG = st.just("") | st.from_regex(r":[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
DIGEST = st.just("") | st.from_regex(r"@sha256:[0-9a-f]{64}", fullmatch=True)
NAME = st.builds(lambda domain, parts: domain + "/".join(parts), DOMAIN, st.lists(COMPONENT, min_size=1, max_size=3))


@given(NAME, TAG, DIGEST)
def test_a_reference_is_its_parts(name: str, tag: str, digest: str) -> None:
    assume(":" in name or "." in name or not tag)
    parsed = parse(name + tag + digest)
    assert (parsed.name, parsed.tag, parsed.digest) == (name, tag[1:], digest[1:])
    assert parse(parsed.repository + tag + digest).repository == parsed.repository


PART = st.sampled_from(["x", "y", "library", "xx"])
PLACE = st.builds(
    lambda domain, parts: "/".join([domain, *parts]),
    st.sampled_from(["a.io", "b.io", "docker.io", "index.docker.io", "registry.hub.docker.com"]),
    st.lists(PART, max_size=2),
)


def rules_of(pairs: list[tuple[str, str]]) -> Rules:
    try:
        return build([[parse_rule(f"{source}={mirror}") for source, mirror in pairs]])
    except RuleError:
        assume(False)
        raise


@settings(max_examples=1000, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.lists(st.tuples(PLACE, PLACE), min_size=1, max_size=3), PLACE, st.lists(PART, min_size=1, max_size=2))
def test_no_rule_moves_what_a_rule_wrote(pairs: list[tuple[str, str]], place: str, more: list[str]) -> None:
    rules = rules_of(pairs)
    for text in ("/".join([place, *more]), "/".join(more)):
        located = rules.locate(parse(text))
        if located:
            after = located.new + text[located.cut :]
            assert rules.locate(parse(after)) is None, f"{text} -> {after}"
            assert rules.mirrors(parse(after)), f"{text} -> {after}"


# Layout: a value in every style. Neither comments nor keys nor pushes can come of these characters.

TOKENS = ["quay.io/org/app:1.2", "gcr.io/a/b@sha256:" + "0a" * 32, "docker://docker.io/library/nginx:1"]
WORDS = st.text("abex\"'é\u2603\U0001f600,[]{}&*!|>%@ ", max_size=12).map(lambda text: " ".join(text.split()))
# Characters that only a style with escapes can hold.
ESCAPED = st.text('ab \t\n\x85\u2028\xa0\\"\x01é\u2603\U0001f600\ufeff/', max_size=12)


class Written(NamedTuple):
    """A value, a scalar that spells it below a key of four columns, and what it becomes."""

    value: str
    spelling: str
    expected: str


def mirrored(token: str) -> str:
    for host, mirror in MIRRORS.items():
        for front in ("", "docker://"):
            if token.startswith(f"{front}{host}/"):
                return token.replace(host, mirror, 1)
    raise AssertionError(token)


def folded(value: str, random_: random.Random, line_end: str) -> str:
    """A value with some of its single spaces as line ends, and its line ends as blank lines."""
    ends = {"\n": line_end * 2, " ": line_end}
    return "".join(ends[char] if char == "\n" or (char == " " and random_.random() < 0.3) else char for char in value)


def plain(value: str, random_: random.Random) -> str:
    return folded(value, random_, "\n    ")


def single(value: str, random_: random.Random) -> str:
    return "'" + folded(value.replace("'", "''"), random_, "\n    ") + "'"


def block_folded(value: str, random_: random.Random) -> str:
    return ">-\n    " + folded(value, random_, "\n    ")


def literal(value: str, _: random.Random) -> str:
    return "|-  # why\n    " + value.replace("\n", "\n    ")


def double(value: str, random_: random.Random) -> str:
    def spell(char: str) -> str:
        if char.isalnum() and char.isascii() and random_.random() < 0.8:
            return char
        forms = [f"\\U{ord(char):08x}"]
        forms += [f"\\u{ord(char):04x}"] if ord(char) < 0x10000 else []
        forms += [f"\\x{ord(char):02X}"] if ord(char) < 0x100 else []
        forms += [char] * 3 if char.isprintable() and char not in '"\\' else []
        return random_.choice(forms)

    return '"' + "".join(map(spell, value)) + '"'


def as_json(value: str, random_: random.Random) -> str:
    """A JSON string in which any character may be escaped, astral ones as pairs."""

    def spell(char: str) -> str:
        if random_.random() < 0.8:
            return json.dumps(char, ensure_ascii=random_.random() < 0.5)[1:-1]
        units = char.encode("utf-16-be").hex()
        return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))

    return '"' + "".join(map(spell, value)) + '"'


STYLES: dict[str, Callable[[str, random.Random], str]] = {
    "plain": plain, "single": single, "double": double, "literal": literal, "folded": block_folded, "json": as_json,
}  # fmt: skip
ONE_LINE = {"plain", "single"}
FREE = {"double", "json"}


@st.composite
def written(draw: st.DrawFn, style: str) -> Written:
    token = draw(st.sampled_from(TOKENS))
    words = ESCAPED if style in FREE else WORDS
    space = " " if style in ONE_LINE else draw(st.sampled_from(" \n"))
    front = space.join(part for part in ("run", draw(words)) if part) + space
    back = draw(words)
    back = space + back if back else ""
    value = front + token + back
    return Written(value, STYLES[style](value, draw(st.randoms())), front + mirrored(token) + back)


def document(style: str, spelling: str) -> str:
    if style == "json":
        return f'{{"apiVersion": "v1", "kind": "ConfigMap", "data": {{"a": "\\u0041", "key": {spelling}, "z": "\\/"}}}}'
    return f"apiVersion: v1\nkind: ConfigMap\ndata:\n  a: 'it''s'  # one\n  key: {spelling}\n  z: >\n    x\n"


def loaded(style: str, text: str) -> dict[str, str]:
    data = json.loads(text) if style == "json" else YAML(typ="safe", pure=True).load(text)
    return dict(data["data"])


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=120)
@given(data=st.data())
def test_a_value_in_every_style_changes_by_its_host_alone(style: str, data: st.DataObject) -> None:
    value, spelling, expected = data.draw(written(style))
    source = document(style, spelling)
    before = loaded(style, source)
    assert before["key"] == value, "the test itself spells this wrong"
    output = rewrite(source.encode(), NINE).output.decode()
    assert loaded(style, output) == before | {"key": expected}
    assert rewrite(output.encode(), NINE).output.decode() == output


# Manifests.

REFERENCE = st.builds(
    lambda domain, path, tag: f"{domain}{path}{tag}",
    st.sampled_from(["", "docker.io/", "index.docker.io/", "quay.io/", "registry.k8s.io/", "a.org/", "localhost:5/"]),
    st.sampled_from(["nginx", "library/nginx", "org/app", "a/b/c", "Bad", ""]),
    st.sampled_from(["", ":1", ":$(V)", "@sha256:" + "0" * 64, ":1@sha256:" + "f" * 64]),
)  # fmt: skip
STRINGS = ["", "x", "docker run quay.io/a/b:1", "--image=gcr.io/a/b", "# quay.io/a"]
POD = "apiVersion: v1\nkind: Pod\nspec: {containers: [{image: nginx}]}"
DOCUMENTS = ["a: 1\nimage: nginx", '{"image": "nginx"}', POD]
LEAF = REFERENCE | st.sampled_from(STRINGS + DOCUMENTS)
KEYS = "image name args value registry repository tag digest containers spec description newTag"
KEY = st.sampled_from(KEYS.split())
TREE = st.recursive(
    LEAF, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEY, below, max_size=4), max_leaves=12
)
KIND = st.sampled_from(["Pod", "ConfigMap", "Deployment", "Secret", "ClusterPolicy", "Kustomization"])


def as_yaml(value: object, indent: int = 0) -> str:
    """A value in block style, strings double-quoted."""
    front = "\n" + " " * indent
    if isinstance(value, dict) and value:
        return "".join(f"{front}{key}: {as_yaml(below, indent + 2)}" for key, below in value.items())
    if isinstance(value, list) and value:
        return "".join(f"{front}- {as_yaml(below, indent + 2)}" for below in value)
    return json.dumps(value)


def manifest(kind: str, containers: list[object], tree: object, is_json: bool) -> str:
    pod = {"containers": [{"name": "a", "image": image} for image in containers], "tree": tree}
    data = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"}, "spec": {"template": {"spec": pod}}}
    return json.dumps(data) if is_json else as_yaml(data).lstrip("\n") + "\n"


MANIFEST = st.builds(manifest, KIND, st.lists(REFERENCE, max_size=3), TREE, st.booleans())


@settings(max_examples=200)
@given(st.lists(MANIFEST, min_size=1, max_size=2).map("\n---\n".join))
def test_a_second_run_changes_nothing(source: str) -> None:
    once = rewrite(source.encode(), NINE).output
    assert rewrite(once, NINE).output == once
    assert once.count(b"\n") == source.count("\n")


# Nothing but InputError, whatever comes.


def survives(source: bytes) -> None:
    with contextlib.suppress(InputError):
        done = rewrite(source, NINE)
        assert done.is_changed or done.output == source


@given(st.binary())
def test_any_bytes_are_read_or_refused(source: bytes) -> None:
    survives(source)


@settings(max_examples=200)
@given(st.text(st.characters(codec="utf-8") | st.sampled_from("-:[]{}&*!|>'\"%@`#,? \n\t\\"), max_size=60))
def test_any_text_with_a_reference_is_read_or_refused(text: str) -> None:
    survives(f"{text}image: quay.io/a/b:1\n".encode())
    survives(f"image: quay.io/a/b:1 {text}".encode())


SAMPLES = sorted(path.name for path in (FIXTURES / "manifests").iterdir() if path.stat().st_size < 3000)
SNIPPETS = (
    "\n| |  |\t|:|- |'|\"|{|}|[|]|&a |*a|!!str |>-|#| # |\\|\r|---\n|...\n|\ufeff|\u2028|\x85|\0|quay.io/a:1|<<: |? |@"
    "|%|`|\\x|\\ud83d|image: "
)
SNIPPET = st.sampled_from([b"|", b"\xff", *(snippet.encode() for snippet in SNIPPETS.split("|"))])


@settings(max_examples=400)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 9), SNIPPET), max_size=3))
def test_a_mutated_manifest_is_read_or_refused(name: str, cuts: list[tuple[int, int, bytes]]) -> None:
    source = (FIXTURES / "manifests" / name).read_bytes()
    for at, length, snippet in cuts:
        at %= len(source) + 1
        source = source[:at] + snippet + source[at + length :]
    survives(source)
