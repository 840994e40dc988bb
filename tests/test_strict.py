"""What kubectl refuses in YAML that parsers read: refused in documents that are edited or validated."""

import pytest

from kubectl_tcr import InputError, Rewriter, rewrite
from kubectl_tcr.errors import ReadError
from kubectl_tcr.readers import parsers, strict
from tests.conftest import MIRRORS, NINE

EDITED = "image: quay.io/a/b:1\n"

# What kubectl reads, although it looks like something below.
READ = [
    "a: '.inf'\n",
    "a: !!str .inf\n",
    ".inf: a\n",
    "a: b.inf\n",
    "a: 1e999\n",
    "a: |\n  .nan\n",
    "'<<': 1\n",
    "a: <<\n",
    "a: &x <<\n*x : 1\n",
    "<<: {a: b}\n",
    "<<: [{a: b}, {c: d}]\n",
    "<<: []\n",
    "a: &x {b: c}\nd: {<<: [*x, {e: f}]}\n",
    "a: !!binary aGVsbG8=\n",
    "a: !!binary |\n  aGVs\n  bG8=\n",
    "a: !!int 0x1F\n",
    "a: !!int '1_000'\n",
    "a: !!float 1\n",
    "a: !!float -.5e3\n",
    "a: !!bool Yes\n",
    "a: !!null '~'\n",
    "a: !!timestamp 2001-12-14\n",
    "a: !kind b\n",
    "a: !!set {b}\n",
    "a: '\\/'\n",
    "a: \\/\n",
    'a: "\\\\/"\n',
    "a: |\n  b\n  \tc\n",
    "a: |2\n  \tb\n",
    "a: [b:c, http://d:80/e]\n",
    "a: {b :c}\n",
    'a: ["b" :c]\n',
    "a: :b\n",
    "a: &b-c_1 d\n",
    "a: [&b, &c d]\n",
    "a: b && c\nd: e?f&g.h\n",
    "a: |\n  b\n  && c\n",
    "a: !b/c%41 d\n",
    "a: !<b> c\n",
    "a: &b # c!\n  !d e\n",
    "a: !b &c d\ne: !f # &g h\n  &i {j: k}\n&l m: n\n",
    "a: b !c^\n",
    "a: !b, c\n",
    "a: b?c\nd: [e]\n",
    "a: ['b?c']\n",
]

# What is refused, a word of the reason, and the place.
REFUSED = [
    ("a: .inf\n", ".inf has no form in JSON", 3),
    ("a: [b, -.INF]\n", "-.INF has no form in JSON", 7),
    ("a: .NaN\n", ".NaN has no form in JSON", 3),
    ("a: !!float .nan\n", ".nan has no form in JSON", 3),
    ("<<: 1\n", "a merge key << takes a mapping", 4),
    ("a: {<<: [{b: c}, d]}\n", "a merge key << takes a mapping", 17),
    ("a: &x [{b: c}]\nd: {<<: *x}\n", "a merge key << takes a mapping", 23),
    ("<<: [[]]\n", "a merge key << takes a mapping", 5),
    ("a: &x b\n<<: *x\n", "a merge key << takes a mapping", 12),
    ("!!merge <<: b\n", "a merge key << takes a mapping", 12),
    ("a: !!binary '%'\n", "!!binary that is no base64", 3),
    ("a: !!binary aGVsbG8\n", "!!binary that is no base64", 3),
    ("a: !!int b\n", "tag !!int that is none", 3),
    ("a: !!int 1.5\n", "tag !!int that is none", 3),
    ("a: !!int 09\n", "tag !!int that is none", 3),
    ("a: !!int 18446744073709551616\n", "tag !!int that is none", 3),
    ("a: !!int ''\n", "tag !!int that is none", 3),
    ("a: !!float b\n", "tag !!float that is none", 3),
    ("a: !!float 1e999\n", "tag !!float that is none", 3),
    ("a: !!bool tRue\n", "tag !!bool that is none", 3),
    ("a: !!null b\n", "tag !!null that is none", 3),
    ("a: !!timestamp b\n", "tag !!timestamp that is none", 3),
    ("!!null '': b\n", "a mapping key is null", 0),
    ("a: &b.c d\n", "the anchor &b.c has other characters", 3),
    ("a: &b: d\n", "the anchor &b: has other characters", 3),
    ("a: &b{c: d}\n", "text right behind the anchor &b", 3),
    ("a: &b[c]\n", "text right behind the anchor &b", 3),
    ("a: &b\u00a0 c\n", "the anchor &b", 3),
    ("a: &\u00e9 {b: c}\n", "the anchor &\u00e9 has other characters", 3),
    ("a: [&&b c]\n", "the anchor &&b has other characters", 4),
    ("a: &b\n  - c\n&.b d: e\n", "the anchor &.b has other characters", 12),
    ("a: !! b\n", "a tag has the characters of a URI only", 3),
    ("a: &b !c# d\n", "a tag has the characters of a URI only", 6),
    ('a: "b\\/c"\n', r"the escape \/ is one of JSON", 5),
    ('"\\/": b\n', r"the escape \/ is one of JSON", 1),
    ('a: &x "\\\\\\/"\n', r"the escape \/ is one of JSON", 9),
    ("a: |\n  \t\n  b\n", "a tab where the indentation", 7),
    ("a: &x >- # c\n\n \tb\n", "a tab where the indentation", 15),
    ("a: [:b]\n", "begins with a colon", 4),
    ("a: [b, ::c]\n", "begins with a colon", 7),
    ("a: [b?c]\n", "a question mark stands in a value", 4),
    ("a: {b: http://c/?d}\n", "a question mark stands in a value", 7),
]


@pytest.fixture(params=["C", "pure"])
def _parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each parser in turn as the one that reads first."""
    if request.param == "C" and parsers.libyaml() is None:
        pytest.skip("no C parser on this platform")
    if request.param == "pure":
        monkeypatch.setattr(parsers, "libyaml", lambda: None)


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("text", READ, ids=repr)
def test_what_kubectl_reads_is_read(text: str) -> None:
    if text != 'a: ["b" :c]\n' or parsers.libyaml():  # one of the few that the pure parser refuses itself
        source = (text + EDITED).encode()
        assert rewrite(source, NINE).output == source.replace(b"quay.io", MIRRORS["quay.io"].encode())


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize(("text", "reason", "place"), REFUSED, ids=repr)
def test_what_kubectl_refuses_is_refused_where_it_is_edited(text: str, reason: str, place: int) -> None:
    with pytest.raises(ReadError) as caught:
        strict.check(text + EDITED)
    assert reason in caught.value.what
    assert caught.value.offset == place
    with pytest.raises(InputError) as refused:
        rewrite((text + EDITED).encode(), NINE)
    assert reason in str(refused.value)


@pytest.mark.parametrize(("text", "reason", "place"), REFUSED, ids=repr)
def test_without_an_edit_it_passes_for_kubectl_to_judge_unless_it_is_validated(
    text: str, reason: str, place: int
) -> None:
    source = (text + "image: nginx\n").encode()
    assert rewrite(source, NINE).output == source
    with pytest.raises(InputError) as refused:
        Rewriter(NINE, validate=True).rewrite(source)
    assert reason in str(refused.value)
    assert str(refused.value).startswith(f"<bytes>:{text.count(chr(10), 0, place) + 1}:")


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "{{ .Values.b }}", "image": "quay.io\\/a/b:1"} # c\n',
        'a: ["{{ .Values.b }}", .inf]\nimage: quay.io/a/b:1\n',
    ],
)
def test_the_reason_is_told_also_beside_what_looks_like_a_template(text: str) -> None:
    with pytest.raises(InputError, match="kubectl refuses it"):
        rewrite(text.encode(), NINE)


@pytest.mark.usefixtures("_parser")
@pytest.mark.parametrize("text", ["a: [!b,c]\n", "a: {b: !c, d: e}\n", "a: [&b !c], d]\n"])
def test_a_tag_in_brackets_takes_what_no_blank_parts_from_it(text: str) -> None:
    """Libyaml parts it there, the pure parser does not."""
    with pytest.raises(InputError, match=r"right behind a tag is a part of it|invalid YAML"):
        rewrite((text + EDITED).encode(), NINE)


def test_half_of_a_character_is_refused_by_every_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in (r'a: "\ud830"', r'a: "\ud83d\ude00"', r'a: "\U0000dc00"'):
        for libyaml in (parsers.libyaml, lambda: None):
            monkeypatch.setattr(parsers, "libyaml", libyaml)
            with pytest.raises(InputError):
                rewrite(f"{text}\n{EDITED}".encode(), NINE)
        monkeypatch.undo()


def test_json_is_none_of_this() -> None:
    source = b'{"a": "\\/", "b": "\\ud83d\\ude00", "<<": 1, "image": "quay.io/a/b:1"}'
    assert rewrite(source, NINE).is_changed


JSON = '{"image": "quay.io/a/b:1"}'


@pytest.mark.parametrize("tail", ["", " # c\n", "\n# c\n", "\n---\na: b\n", "\n--- # c\n{}\n"], ids=repr)
@pytest.mark.usefixtures("_parser")
def test_behind_json_that_begins_a_stream_a_comment_may_stand(tail: str) -> None:
    assert rewrite(f"{JSON}{tail}".encode(), NINE).is_changed


@pytest.mark.parametrize("tail", ["#c\n", "\n...\n", " # c\n...\n", "\n...\n---\na: b\n", "\u2028", "\n\x85"], ids=repr)
@pytest.mark.usefixtures("_parser")
def test_what_ends_yaml_is_refused_behind_json_that_begins_a_stream(tail: str) -> None:
    with pytest.raises(InputError):
        rewrite(f"{JSON}{tail}".encode(), NINE)
    behind = rewrite(f"---\n{JSON}{tail}".encode(), NINE)  # there it is read as YAML
    assert behind.is_changed
