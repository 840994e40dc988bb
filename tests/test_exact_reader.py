"""The reader on ruamel.yaml: spans without properties, kubectl's refusals, and two parsers that agree."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubectl_tcr import InputError, rewrite
from kubectl_tcr.errors import ReadError
from kubectl_tcr.find.search import Finder
from kubectl_tcr.readers import Interest, exact, parsers
from kubectl_tcr.text import spelling, stream
from kubectl_tcr.text.document import Alias, Reading
from tests.conftest import MIRRORS, NINE, broken, manifests

INTEREST = Interest(frozenset({"image"}), frozenset({"from"}), frozenset({"images"}), re.compile("quay.io/").search)
PARSERS = {"C": parsers.libyaml(), "pure": None}

# What the pure parser refuses and the C parser, like kubectl's, reads.
ONLY_C = {
    "line-separator-u2028.yaml",
    "next-line-u0085.yaml",
    "trap-paragraph-separator-u2029.yaml",
    "u2028-in-a-literal.yaml",
}
# What the pure parser reads and the C parser, like kubectl's, refuses: escaped halves of surrogate pairs.
ONLY_PURE = {"json-lone-surrogate.json", "surrogate-escape-in-yaml.yaml"}


@pytest.fixture(params=PARSERS)
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each parser in turn as the one that reads first."""
    if request.param == "C" and parsers.libyaml() is None:
        pytest.skip("no C parser on this platform")
    monkeypatch.setattr(parsers, "libyaml", lambda: PARSERS[request.param])


# Text: what spells each scalar that matters.
SPANS = {
    "a: b\n": [],
    "image: nginx\n": ["nginx"],
    "image: nginx # why\n": ["nginx"],
    "image: 'nginx' # why\n": ["'nginx'"],
    'image: "a\n  b"\n': ['"a\n  b"'],
    "image: a\n  b # why\n": ["a\n  b"],
    "image: &x nginx\n": ["nginx"],
    "image: !!str nginx\n": ["nginx"],
    "image: !!str &x nginx\n": ["nginx"],
    "image: &x !!str 'nginx'\n": ["'nginx'"],
    "image: &x # why\n  nginx\n": ["nginx"],
    "image: &x\n\n  # why\n  # so\n  nginx\n": ["nginx"],
    "image: &x\n  &nginx\n": None,
    "image: &x |\n  nginx\nb: 1\n": ["|\n  nginx\n"],
    "image: &x >- # why\n  nginx\n": [">- # why\n  nginx\n"],
    "? &x image\n: nginx\n": ["image", "nginx"],
    "image: &x\nb: 1\n": [""],
    "{image: nginx, x: quay.io/a}\n": ["nginx", "quay.io/a"],
    "[&x quay.io/a,'quay.io/b']\n": ["quay.io/a", "'quay.io/b'"],
    "images: {a: b}\nfrom: {name: c}\nname: d\n": ["b", "c"],
    "quay.io/a: b\n": ["quay.io/a"],
    "\U0001f600: \U0001f600\nimage: nginx\n": ["nginx"],
    "image: nginx\n...\nimage: b\n": ["nginx"],
}  # fmt: skip


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("text", SPANS, ids=repr)
def test_a_span_holds_quotes_and_headers_but_no_properties(text: str) -> None:
    expected = SPANS[text]
    if expected is None:
        with pytest.raises(ReadError):
            exact.read(text, INTEREST)
        return
    assert [text[scalar.start : scalar.stop] for scalar in exact.read(text, INTEREST).scalars] == expected


@pytest.mark.usefixtures("_parser")
def test_aliases_come_with_their_target() -> None:
    text = "a: &x {image: &y nginx}\nb: [*x, *y]\nc: {*y : 1}\n"
    assert exact.read(text, INTEREST).aliases == (
        Alias(28, 30, ("b", 0), ("a",)),
        Alias(32, 34, ("b", 1), ("a", "image"), origin=17),
        Alias(40, 42, ("c", "nginx"), ("a", "image"), is_key=True, origin=17),
    )


@pytest.mark.usefixtures("_parser")
def test_the_end_is_where_kubectl_stops_reading() -> None:
    text = "image: a\n...\nimage: b\n"
    assert exact.read(text, INTEREST).end == text.index("image: b") - 1
    assert exact.read("image: a\n", INTEREST).end == -1


DEEP = parsers.DEEPEST + 1


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    ("text", "message", "offset"),
    [
        ("a: 1\n~: 2\n", "a mapping key is null", 5),
        ("null: 2\n", "a mapping key is null", 0),
        ("? \n: 2\n", "a mapping key is null", None),
        ("a: {null: 2}\n", "a mapping key is null", 4),
        ("a: &x\nb: {*x : 2}\n", "a mapping key is null", 10),
        ("a: &x !!null ''\n*x : 2\n", "a mapping key is null", 16),
        ("{a: 1}: b\n", "a mapping key is a collection", 0),
        ("a: {{ .Values.image }}\n", "a mapping key is a collection", 4),
        ("? [a]\n: b\n", "a mapping key is a collection", 2),
        ("a: *x\n", "alias *x is not defined", 3),
        ("a: *x\nb: &x c\n", "alias *x is not defined", 3),
        ("a: &x [*x]\n", "anchor &x contains itself", 7),
        ("a: &x\n  b: {c: *x}\n", "anchor &x contains itself", 15),
        ("a: &x\n  - &x {b: c}\n  - &y {d: *y}\n", "anchor &y contains itself", 31),
        ("a: &x {b: c}\n*x : d\n", "makes a collection a mapping key", 13),
        ("a: 'b\n", "invalid YAML", None),
        ("a: b: c\n", "invalid YAML", 4),
        ("a: \x01\n", "invalid YAML", 3),
    ],
)
def test_what_kubectl_refuses(text: str, message: str, offset: int | None) -> None:
    with pytest.raises(ReadError) as caught:
        exact.read(text, INTEREST)
    assert message in caught.value.what
    assert offset is None or caught.value.offset == offset


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    "text",
    [
        *("'null': 1\n", "!!str null: 1\n", '"": 1\n', "nullx: 1\n", "a: &x b\n*x : c\n", "a: &x 'null'\n*x : c\n", ""),
        *("a: &x [b, &x c, *x]\n", "a: &x\n  b: &x {c: d}\n  e: *x\n"),
    ],
)
def test_what_only_looks_like_that_is_read(text: str) -> None:
    exact.read(text, INTEREST)


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ("{a: ", "}"), ("- ", "x")], ids=["[", "{", "-"])
def test_a_thousand_levels_are_read_and_no_more(opening: str, closing: str) -> None:
    most = DEEP - 1
    exact.read(opening * most + closing * (1 if closing == "x" else most), INTEREST)
    for text in (opening * DEEP, opening * DEEP + closing * DEEP, opening * 20_000):
        with pytest.raises(ReadError, match="nested deeper than 1000 levels") as caught:
            exact.read(text, INTEREST)
        assert caught.value.offset == most * len(opening)


def documents(path: Path) -> Iterator[str]:
    """The documents of a fixture; one that is cut wrong has none."""
    try:
        _, chunks = stream.decode([path.read_bytes()], path.name)
        for document in stream.split(chunks, path.name):
            yield document.body.decode().removeprefix("\ufeff")
    except InputError:
        return


def read(text: str, interest: Interest) -> Reading | None:
    try:
        return exact.read(text, interest)
    except ReadError:
        return None


@pytest.mark.skipif(parsers.libyaml() is None, reason="no C parser on this platform")
@pytest.mark.parametrize("path", [*manifests(), *broken()], ids=lambda path: path.name)
def test_both_parsers_see_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interest = Finder(NINE).interest("")
    texts = list(documents(path))
    first = [read(text, interest) for text in texts]
    monkeypatch.setattr(parsers, "libyaml", lambda: None)
    alone = [read(text, interest) for text in texts]
    pairs = list(zip(first, alone, strict=True))
    assert any(one and not other for one, other in pairs) is (path.name in ONLY_C)
    assert any(other and not one for one, other in pairs) is (path.name in ONLY_PURE)
    assert all(one == other for one, other in pairs if one and other)


def test_the_pure_parser_does_the_job_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsers, "libyaml", lambda: None)
    assert "pure" in parsers.first().name
    source = b"apiVersion: v1\nkind: Pod\nspec:\n  containers: [&c {image: !!str quay.io/a/b:1}, *c]\n"
    assert rewrite(source, NINE).output == source.replace(b"quay.io", MIRRORS["quay.io"].encode())


# Text, and what the apostrophes that are escaped in it say; what is no double-quoted scalar keeps its backslash.
APOSTROPHES = {
    """image: "quay.io/it\\'s"\n""": ["quay.io/it's"],
    """image: "\\\\\\'quay.io/\\\\"\n""": ["\\'quay.io/\\"],
    """image: "quay.io/a\n  \\'b"\n""": ["quay.io/a 'b"],
    """a: "\\'"\nimage: 'quay.io\\'\n""": ["quay.io\\"],
    """a: "\\'"\nimage: quay.io/\\'a\n""": ["quay.io/\\'a"],
    """a: "\\'"\nimage: |\n  quay.io/\\'\\\\'\n""": ["quay.io/\\'\\\\'\n"],
    """{"\\'": [a:, "\\'"], image: "quay.io\\':,"}\n""": ["quay.io':,"],
    """image: "quay.io\\'\ue000"\na: "\\'"\n""": ["quay.io'\ue000"],
}


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("text", APOSTROPHES, ids=repr)
def test_an_apostrophe_may_be_escaped(text: str) -> None:
    scalars = exact.read(text, INTEREST).scalars
    assert [scalar.value for scalar in scalars] == APOSTROPHES[text]
    for scalar in scalars:  # each word stands where its spelling is looked for
        assert spelling.spans(text, scalar, [(0, 1)])


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("text", ['a: "\\d\\\'"\n', "a: \"\\'\nb: 1\n", 'a: "\\\'" "\n'])
def test_what_else_is_wrong_with_apostrophes_is_refused(text: str) -> None:
    with pytest.raises(ReadError):
        exact.read(text, INTEREST)


# Tabs that stand behind a token, which the pure parser refuses by itself.
TABS = [
    "image:\tquay.io/a\n",
    "image: quay.io/a\t\n",
    "image: quay.io/a\t# c\n",
    "image: 'quay.io/a' \t \n",
    "a: [b]\t\n",
    "a: {b: c}\t# d\nimage:\t\n  quay.io/a\n",
    "- a:\tb\n  c: [\td\t,\te\t]\n",
    "a: |\t\n  b\n",
    "a: !!str\tb\n",
    "image: &b\tquay.io/a\n",
]


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("text", TABS, ids=repr)
def test_a_tab_may_stand_behind_a_token(text: str) -> None:
    assert [scalar.value for scalar in exact.read(text, INTEREST).scalars] == ["quay.io/a"] * text.count("quay.io/a")


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(
    "text", ["a:\n\tb\n", "-\ta\n", "- -\ta\n", "? a\n:\tb\n", "?\ta\n: b\n", "\ta: b\n", "a: [b]\n\t\n"]
)
def test_no_tab_indents(text: str) -> None:
    with pytest.raises(ReadError):
        exact.read(text, INTEREST)


@pytest.mark.parametrize(
    "text",
    [
        "a: [b\n\tc]\n",
        "a: {b: c\n\t}\n",
        "a: b # c\r\t\n",
        "a\x85b: c\n",
        "a\u2028b: c\n",
        "a: b\u2029c\nd: e\n",
        "- \ufeff\x85: b\n",
    ],
    ids=repr,
)
def test_what_libyaml_refuses_as_kubectl_does_is_not_asked_of_the_pure_parser(text: str) -> None:
    if parsers.libyaml():
        with pytest.raises(ReadError):
            exact.read(text, INTEREST)


def test_a_tab_behind_a_line_that_ends_in_a_carriage_return_is_not_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsers, "libyaml", lambda: None)
    with pytest.raises(ReadError):
        exact.read("a: b # c\r\t\n", INTEREST)


def test_more_tabs_than_anybody_writes_are_refused_by_the_pure_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsers, "libyaml", lambda: None)
    with pytest.raises(ReadError) as caught:
        exact.read("".join(f"a{number}: b\t\n" for number in range(30)), INTEREST)
    assert r"'\t'" in caught.value.what


# What the pure parser refuses as well: text with a leniency of each.
COLONS = {
    "{image: quay.io/a:1, command: [a:b:c, http://x]}\n": ["quay.io/a:1"],
    "{image: quay.io/a:, b: [c:, d:]}\n": ["quay.io/a:"],
    "{quay.io/a:}\n": ["quay.io/a:"],
    "image: quay.io/a:1\nb: [b:]\nc:\td\n": ["quay.io/a:1"],
    "x: [a:, b]\nimage: |\t# why\n  quay.io/a:,\n": ["quay.io/a:,\n"],
    "x: [it':, 'b':, c]\nimage: quay.io/a:1\t# why\n": ["quay.io/a:1"],
    '{"image":[quay.io/a:], "b":{c: "d:,"}}\n': ["quay.io/a:"],
    "# \ue000 :,\nx: [\ue001:, \ue000]\nimage: quay.io/\ue000:,\n": ["quay.io/\ue000:,"],
}


@pytest.mark.skipif(parsers.libyaml() is None, reason="no C parser on this platform")
@pytest.mark.parametrize("text", COLONS, ids=repr)
def test_a_colon_at_the_end_of_a_scalar_in_flow_is_read(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsers, "pure", lambda: None)
    reading = exact.read(text, Interest(frozenset({"image"}), frozenset(), frozenset(), re.compile("quay.io/").search))
    assert [scalar.value for scalar in reading.scalars] == COLONS[text]
    assert all(scalar.value.strip() in text[scalar.start : scalar.stop] for scalar in reading.scalars)


@pytest.mark.parametrize("text", ["[a:", "[a:, {b", "{a:[b]}", "x: [a:, b]\ny: 'c\n"])
def test_what_else_is_wrong_with_colons_is_refused(text: str) -> None:
    with pytest.raises(ReadError) as caught:
        exact.read(text, INTEREST)
    assert "unexpected ':'" not in caught.value.what


@pytest.mark.parametrize("many", ["a:,", "\u00e9:,\n"])
def test_a_place_is_counted_in_the_text_as_it_was_written(many: str) -> None:
    text = f"[{many * 20_000}b]\nx: \x01\n"
    with pytest.raises(ReadError) as caught:
        exact.read(text, INTEREST)
    assert caught.value.offset == text.index("\x01")


def test_more_colons_than_are_looked_for_hide_no_other_fault() -> None:
    with pytest.raises(ReadError) as caught:
        exact.read("[" + 'a":,' * 30 + "}\n", INTEREST)
    assert "unexpected ':'" not in caught.value.what


@pytest.mark.parametrize("escape", ["\\uE000", "\\U0000e000"])
def test_a_colon_is_never_mistaken_for_a_character_that_is_escaped(escape: str) -> None:
    [scalar] = exact.read(f'k: [a:, b]\nimage: "q{escape}x"\n', INTEREST).scalars
    assert scalar.value == "q\ue000x"


@pytest.mark.usefixtures("_parser")
def test_the_place_of_a_character_that_yaml_does_not_allow_is_counted_in_characters() -> None:
    with pytest.raises(ReadError) as caught:
        exact.read("a\u00e9\u4e2d\U0001f600: \x01\n", INTEREST)
    assert caught.value.offset == 6
