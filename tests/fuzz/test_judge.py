"""The judge notices: each law is broken here once, by a rewriter or by an oracle that is made to."""

import json
from typing import Any

import pytest
import yaml

from fuzz import classes
from fuzz.judge import AGREED, PASSED, REFUSED, Judge, Rewritten, Verdict, differs, unescaped
from fuzz.oracle import Answer, Oracle
from kubectl_tcr import Rewriter, Site
from tests.conftest import NINE

POD = b"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: quay.io/a/b:1\n    name: x\n"
MOVED = POD.replace(b"quay.io", b"quay-io.mirror.example")
BROKEN = b"image: [quay.io/a/b:1\n"


class Reader(Oracle):
    """An oracle in the place of kubectl's: a YAML parser, and answers for some streams."""

    def __init__(self, answers: dict[bytes, Answer] | None = None) -> None:
        self._answers = answers or {}

    def ask(self, source: bytes) -> Answer:
        if source in self._answers:
            return self._answers[source]
        try:
            return Answer(tuple(yaml.safe_load_all(source)), "")
        except yaml.YAMLError as error:
            return Answer((), str(error))


class Careless(Judge):
    """A judge whose rewriter gets one thing wrong."""

    def __init__(self, old: bytes, new: bytes) -> None:
        super().__init__([Reader()])
        self._old, self._new = old, new

    def _rewrite(self, chunks: list[bytes]) -> Rewritten | str:
        done = super()._rewrite(chunks)
        if isinstance(done, str):
            return done
        parts = tuple(part._replace(output=part.output.replace(self._old, self._new)) for part in done.parts)
        return Rewritten(b"".join(part.output for part in parts), parts)


def test_what_both_read_and_only_hosts_moved_in() -> None:
    assert Judge([Reader()]).judge(POD) == Verdict(AGREED)


def test_what_both_refuse() -> None:
    assert Judge([Reader()]).judge(BROKEN).kind == REFUSED


def test_what_nobody_reads_and_nobody_changed() -> None:
    assert Judge([Reader()]).judge(b"a: [b\n").kind == PASSED


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (b"name: x", b"name: y", "a byte changed outside an edit"),
        (b"    name: x\n", b"", "a byte changed outside an edit"),
    ],
)
def test_a_byte_too_many_changed(old: bytes, new: bytes, kind: str) -> None:
    verdict = Careless(old, new).judge(POD)
    assert (verdict.kind, verdict.is_wrong) == (kind, True)


def test_a_second_run_changes_something(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = Judge([Reader()])
    real = judge._told
    monkeypatch.setattr(judge, "_told", lambda chunks: b"#" if chunks == [MOVED] else real(chunks))
    assert judge.judge(POD).kind.startswith("changed by a second run")


def test_pieces_are_read_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    judge = Judge([Reader()])
    real = judge._told
    monkeypatch.setattr(judge, "_told", lambda chunks: b"#" if len(chunks) > 1 else real(chunks))
    assert judge.judge(POD).kind.startswith("read otherwise in pieces")


def test_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise IndexError("deep down")

    monkeypatch.setattr(Rewriter, "parts", broken)
    verdict = Judge([Reader()]).judge(POD)
    assert (verdict.kind, verdict.is_wrong) == ("exception: IndexError: deep down", True)


def test_a_message_that_names_no_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Judge, "_rewrite", lambda *_: "it is broken")
    assert Judge([Reader()]).judge(POD).kind.startswith("a message without a place")


def test_what_comes_out_is_refused() -> None:
    judge = Judge([Reader({MOVED: Answer((), "broken")})])
    assert judge.judge(POD) == Verdict("refused once it is rewritten", is_wrong=True, theirs="broken")


def test_only_one_reads_it() -> None:
    by_us = Judge([Reader({POD: Answer((), "broken"), b"---\n" + POD: Answer((), "broken")})]).judge(POD)
    by_them = Judge([Reader({BROKEN: Answer(({},), "")})]).judge(BROKEN)
    assert (by_us.kind, by_us.theirs, by_us.is_disagreement) == ("read by us alone", "broken", True)
    assert (by_them.kind, by_them.is_disagreement) == ("refused by us alone", True)
    assert by_them.ours.startswith("x:2:1: document 1: invalid YAML")


def test_a_second_oracle_is_asked_too() -> None:
    judge = Judge([Reader(), Reader({BROKEN: Answer(({},), "")})])
    assert judge.judge(BROKEN).kind == "refused by us alone"


# Values.


def values(text: str) -> Answer:
    return Answer(tuple(yaml.safe_load_all(text)), "")


def sites(source: str) -> list[Site]:
    return [site for site in Rewriter(NINE).rewrite(source.encode()).sites if site.edits]


def trouble(source: str, old: str, new: str) -> str:
    """What is wrong with a rewritten document in which something else is changed too."""
    output = Rewriter(NINE).rewrite(source.encode()).output.decode()
    assert old in output
    return differs(values(source), values(output.replace(old, new, 1)), sites(source))


SOURCE = "kind: Pod\nspec:\n  containers:\n  - image: quay.io/a/b:1\n    args: [x]\nheld: |\n  image: quay.io/c/d:1\n"


@pytest.mark.parametrize(
    "source",
    [
        SOURCE,
        "a: &a quay.io/a/b:1\nb: *a\n<<: {c: *a}\n",
        "1: quay.io/a/b:1\nyes: quay.io/a/b:1\n",
        'a: \'{"image": "quay.io\\/a\\u002fb:1"}\'\n',
        "image: {registry: quay.io, repository: a/b}\n",
    ],
    ids=["an image and a document in a string", "aliases", "keys that are no strings", "escapes", "a split reference"],
)
def test_values_that_moved_as_their_sites_say(source: str) -> None:
    assert trouble(source, "mirror", "mirror") == ""


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("[x]", "[y]", "changed where no site is: ('spec', 'containers', 0, 'args', 0): 'x' became 'y'"),
        ("[x]", "[x, y]", "changed where no site is"),
        ("kind", "king", "changed where no site is: (): "),
        ("b:1", "b:2", "changed to something else"),
        ("quay-io.mirror.example/a", "gcr-io.mirror.example/a", "changed to something else"),
        ("d:1", "d:2", "changed to something else: ('held',)"),
        ("kind: Pod", "kind: Pod\n---", "documents lost or gained: 1 became 2"),
    ],
)
def test_values_that_moved_otherwise(old: str, new: str, what: str) -> None:
    assert trouble(SOURCE, old, new).startswith(what)


def test_a_value_that_did_not_become_what_the_site_says() -> None:
    [site] = sites("a: docker.io/library/nginx\n")
    wrong = site._replace(after="docker-io.mirror.example/nginx")
    before, after = values("a: docker.io/library/nginx\n"), values(f"a: {site.after}\n")
    assert differs(before, after, [site]) == ""
    assert differs(before, after, [wrong]).startswith("not what the site says")


@pytest.mark.parametrize(
    ("text", "meant"),
    [(r"a\u002fb", "a/b"), (r"a\x2fb\/c", "a/b/c"), ("a\\\n   b", "ab"), ("a\\u12", "au12"), ("a", "a")],
)
def test_escapes_are_what_they_mean(text: str, meant: str) -> None:
    assert unescaped(text) == meant


# Classes.


def test_what_is_of_no_class_is_not_known() -> None:
    assert classes.of(b"a", Verdict("read by us alone", theirs="no such message")) is None
    assert classes.of(b"a", Verdict("a byte lost or gained", is_wrong=True)) is None


def test_classes_have_names_of_their_own_and_reasons() -> None:
    assert len({one.name for one in classes.CLASSES}) == len(classes.CLASSES)
    assert all(one.reason and one.example for one in classes.CLASSES)


def refused(place: str) -> Verdict:
    return Verdict("refused by us alone", ours=f"x:{place}: invalid YAML: whatever")


@pytest.mark.parametrize(
    ("source", "place", "is_behind"),
    [
        (b"{a: b}\nc: d\n", "2:1: document 1", True),
        (b"x: y\n---\n[a]\nb: [\n", "4:2: document 2", True),
        (b"a: b\n...\n]\n", "3:1: document 1", True),
        (b"...\na: [\n", "2:1: document 1", True),
        (b"a: b\n]\n", "2:1: document 1", False),
        (b"x: y\n---\n[a\n", "4:1: document 2", False),
        (b"{a: b}\n---\n[a\n", "4:1: document 2", False),
        (b"{a: b}{\xc3", "1:2: document 1", True),
        (b"[a:, b:] c", "1:2: document 1", True),
        (b"[a:, b: c", "1:2: document 1", False),
        (b"{a: b\xc3", "1:2: document 1", False),
        (b'"\\\'\\\\"0', "1:7: document 1", True),
        (b'"\\\'\\"0', "1:7: document 1", False),
        (b'{"a":"\\ud830"}\n b:\nc:d', "3:1: document 1", True),
        (b'{"a":"\\ud830"\n b:\nc:d', "3:1: document 1", False),
    ],
)
def test_text_behind_the_end_of_the_document_that_is_refused(source: bytes, place: str, is_behind: bool) -> None:
    found = classes.of(source, refused(place))
    assert (found is not None and found.name == "text behind the end of a document") is is_behind


@pytest.mark.parametrize(
    ("source", "is_behind"),
    [(b"  a: b\nc\0", True), (b"x: y\n---\n{a: b}\nc\0", True), (b"a: b\nc\0", False), (b"{a: b}\n---\nc\0", False)],
)
def test_a_nul_byte_behind_the_end_of_the_document(source: bytes, is_behind: bool) -> None:
    verdict = Verdict("refused by us alone", ours="x:1:1: a NUL byte, so this is no text; pass YAML or JSON")
    found = classes.of(source, verdict)
    assert (found is not None and found.name == "text behind the end of a document") is is_behind


@pytest.mark.parametrize(
    ("source", "is_replaced"),
    [
        (b"a: .inf\na: b\n", True),
        (b"x: y\n---\na: {b: [.inf]}\na: c\n", True),
        (b"a: .inf\n<<: {a: b}\n", True),
        (b"<<: [{a: b}, {a: .inf}]\n", True),
        (b"a: &a {b: .inf}\na: c\n", True),
        (b"a: .inf\nb: &x c\nd: &x e\na: f\n", True),
        (b"a: .inf\n", False),
        (b"a: .inf\nb: c\nb: d\n", False),
        (b"a: .inf\nb: .inf\nb: c\n", False),
        (b"? [a, b]\n: .inf\n", False),
        (b"a: .inf\na: '\n", False),
    ],
)
def test_a_value_that_json_has_not_under_a_key_that_is_there_again(source: bytes, is_replaced: bool) -> None:
    front = source[: source.index(b".inf")]
    line, column = front.count(b"\n") + 1, len(front.rpartition(b"\n")[2]) + 1
    place = f"{line}:{column}: document {front.count(b'---') + 1}"
    ours = f"x:{place}: .inf has no form in JSON; kubectl refuses it, quote it"
    found = classes.of(source, Verdict("refused by us alone", ours=ours))
    assert (found is not None and found.name == "no value of JSON under a key that is there again") is is_replaced


@pytest.mark.parametrize(
    ("source", "is_white"),
    [("{a: [\n---\u3000\nb]}", True), ("{a: [\n--- \nb]}", False), ("{a: [\n x---\u3000\nb]}", False)],
)
def test_white_space_of_unicode_behind_a_separator_in_braces(source: str, is_white: bool) -> None:
    theirs = "error parsing: error converting YAML to JSON: yaml: line 2: did not find expected node content"
    found = classes.of(source.encode(), Verdict("read by us alone", theirs=theirs))
    assert (found is not None and found.name == "white space of Unicode behind a ---") is is_white


@pytest.mark.parametrize(
    ("behind", "is_short"),
    [(b"\n#", True), (b" #ab", True), (b"  \n#\n", True), (b"\n#a\n", False), (b" #abc", False), (b"\n#}}}", False)],
)
def test_a_comment_behind_json_that_is_too_short_for_kubectl(behind: bytes, is_short: bool) -> None:
    theirs = "error parsing: json: offset 9: invalid character '#' looking for beginning of value"
    found = classes.of(b'{"a":"b"}' + behind, Verdict("read by us alone", theirs=theirs))
    assert (found is not None) is is_short


@pytest.mark.parametrize(
    ("source", "is_end"),
    [(b"{a: b}\n...", True), (b"{a: b}\n... \n", True), (b"{a: b}\n...c", False), (b"a: b\n...", False)],
)
def test_the_end_of_a_document_behind_json(source: bytes, is_end: bool) -> None:
    theirs = "error parsing: json: offset 9: invalid character '.' looking for beginning of value"
    found = classes.of(source, Verdict("read by us alone", theirs=theirs))
    assert (found is not None) is is_end


@pytest.mark.parametrize(
    ("source", "has_comma"), [(b"a: b\n!c,d e\n", True), (b"!c,d\n!e^ f\n", False), (b"a\nb!,c\n", False)]
)
def test_a_tag_with_a_comma_on_the_line_that_is_refused(source: bytes, has_comma: bool) -> None:
    ours = "x:2:1: document 1: invalid YAML: while scanning a tag, did not find expected whitespace or line break"
    found = classes.of(source, Verdict("refused by us alone", ours=ours))
    assert (found is not None) is has_comma


def test_an_answer_keeps_numbers_apart_from_strings() -> None:
    from fuzz.oracle import _answer

    def answer(value: Any) -> Answer:
        return _answer(json.dumps({"documents": [value], "error": ""}).encode())

    assert answer(1) != answer("1")
    assert answer(True) != answer(1)
    assert answer(1.0) != answer(1)
