"""Where the characters of a value stand in the text that spells it."""

import pytest

from kubectl_tcr.text.document import Scalar, Style
from kubectl_tcr.text.spelling import LayoutError, Span, spans, unescaped

# Style, text of the scalar, its value, the wanted part of the value, what spells it.
SPELLED: list[tuple[Style, str, str, str, str]] = [
    # Character by character.
    ("plain", "quay.io/a:1", "quay.io/a:1", "quay.io", "quay.io"),
    ("single", "'quay.io/a:1'", "quay.io/a:1", "quay.io", "quay.io"),
    ("double", '"quay.io/a:1"', "quay.io/a:1", "a:1", "a:1"),
    ("json", '"quay.io/a:1"', "quay.io/a:1", "quay.io", "quay.io"),
    ("double", '"\U0001f600 quay.io/a"', "\U0001f600 quay.io/a", "quay.io", "quay.io"),
    # Folded lines: white space is all that differs.
    ("plain", "one\n    quay.io/a:1", "one quay.io/a:1", "quay.io/a", "quay.io/a"),
    ("plain", "one\r\n\r\n  quay.io/a:1", "one\nquay.io/a:1", "quay.io/a", "quay.io/a"),
    ("single", "'one\n  quay.io/a:1'", "one quay.io/a:1", "quay.io/a", "quay.io/a"),
    ("double", '"one\n  quay.io/a:1"', "one quay.io/a:1", "quay.io/a", "quay.io/a"),
    ("double", '"quay.io/\\\n   a:1"', "quay.io/a:1", "quay.io/a", "quay.io/\\\n   a"),
    # Doubled quotes and escapes in front, inside and behind.
    ("single", "'it''s quay.io/a:1'", "it's quay.io/a:1", "quay.io/a", "quay.io/a"),
    ("single", "'a''''quay.io/a'''", "a''quay.io/a'", "quay.io/a", "quay.io/a"),
    ("double", '"\\tx \\u263a quay.io/a:1"', "\tx \u263a quay.io/a:1", "quay.io/a", "quay.io/a"),
    ("double", '"\\x71uay.io\\x2fa:1"', "quay.io/a:1", "quay.io/a", "\\x71uay.io\\x2fa"),
    ("double", '"qua\\u0079.io/a\\U0000003a1"', "quay.io/a:1", "quay.io", "qua\\u0079.io"),
    ("double", '"quay.io\\/a"', "quay.io/a", "/", "\\/"),
    ("double", '"a\\\\quay.io/a"', "a\\quay.io/a", "quay.io", "quay.io"),
    ("double", '"\\"quay.io/a\\""', '"quay.io/a"', "quay.io/a", "quay.io/a"),
    ("json", '"\\ud83d\\ude00 quay.io\\/a"', "\U0001f600 quay.io/a", "quay.io/a", "quay.io\\/a"),
    ("json", '"\\ud83d quay.io\\/a"', "\ud83d quay.io/a", "quay.io/a", "quay.io\\/a"),
    ("json", '"\\nquay.io/a"', "\nquay.io/a", "quay.io/a", "quay.io/a"),
    # Block scalars: the header is no part of the value, nor is the indentation.
    ("literal", "|\n  quay.io/a:1\n", "quay.io/a:1\n", "quay.io/a", "quay.io/a"),
    ("literal", "|-  # quay.io/a\n  quay.io/a:1\n", "quay.io/a:1", "quay.io/a", "quay.io/a"),
    ("literal", "|2+\r\n   one\r\n  quay.io/a:1\r\n\r\n", " one\nquay.io/a:1\n\n", "quay.io/a", "quay.io/a"),
    ("literal", "|\n  a\u2028  quay.io/a\n", "a\u2028quay.io/a\n", "quay.io/a", "quay.io/a"),
    ("folded", ">\n  one\n  quay.io/a:1\n\n  two\n", "one quay.io/a:1\ntwo\n", "quay.io/a", "quay.io/a"),
    ("folded", ">-\n  run\n    quay.io/a:1\n", "run\n  quay.io/a:1", "quay.io/a", "quay.io/a"),
]


def scalar(style: Style, text: str, value: str, front: int = 0) -> Scalar:
    return Scalar(value, style, front, front + len(text), ())


@pytest.mark.parametrize(("style", "text", "value", "wanted", "spelled"), SPELLED)
@pytest.mark.parametrize("front", ["", "image: &x "])
def test_a_part_of_a_value_is_found_in_its_spelling(
    style: Style, text: str, value: str, wanted: str, spelled: str, front: str
) -> None:
    at = value.rindex(wanted)
    [(start, stop)] = spans(front + text + " # more", scalar(style, text, value, len(front)), [(at, at + len(wanted))])
    assert (front + text)[start:stop] == spelled


def test_spans_come_in_the_order_that_was_asked_for() -> None:
    text = '"\\x61 bc d"'
    wanted: list[Span] = [(5, 6), (0, 1), (2, 4), (2, 3)]
    found = spans(text, scalar("double", text, "a bc d"), wanted)
    assert [text[start:stop] for start, stop in found] == ["d", "\\x61", "bc", "b"]


@pytest.mark.parametrize(
    ("style", "text", "value", "at", "expected"),
    [
        ("plain", "nginx", "nginx", 0, 0),
        ("single", "'nginx'", "nginx", 0, 1),
        ("double", '"\\x6eginx"', "nginx", 0, 1),
        ("double", '"\\x6eginx"', "nginx", 1, 5),
        ("literal", "|\n  nginx\n", "nginx\n", 0, 4),
    ],
)
def test_an_empty_span_stays_empty(style: Style, text: str, value: str, at: int, expected: int) -> None:
    assert spans(text, scalar(style, text, value), [(at, at)]) == [(expected, expected)]


def test_no_wanted_spans_are_no_spans() -> None:
    assert spans("'it''s'", scalar("single", "'it''s'", "it's"), []) == []


@pytest.mark.parametrize(
    ("style", "text", "value", "wanted"),
    [
        ("plain", "quay.io/a", "quay.io/b", (0, 9)),
        ("double", '"\\x71uay.io"', "Quay.io", (0, 7)),
        ("single", "'a''b'", "a'c", (0, 1)),
        ("plain", "quay.io/a", "quay.io/a b", (0, 9)),  # the spelling ends first
        ("plain", "quay.io/a\n  b", "quay.io/a", (0, 9)),  # the value ends first
        ("literal", "|\n  a b\n", "a c\n", (2, 3)),
        # White space is folded: nothing says where one of its characters stands.
        ("plain", "a\n  b", "a b", (1, 2)),
        ("plain", "a\n  b", "a b", (0, 2)),
    ],
)
def test_where_spelling_and_value_part_nothing_is_edited(style: Style, text: str, value: str, wanted: Span) -> None:
    with pytest.raises(LayoutError):
        spans(text, scalar(style, text, value), [wanted])


@pytest.mark.parametrize(
    "text", ["\\x", "\\x4", "\\x4g", "\\u12", "\\U0001f43", "\\U00110000", "\\UFFFFFFFF"], ids=repr
)
def test_an_escape_that_is_cut_off_or_of_no_character_stands_for_itself(text: str) -> None:
    assert unescaped(text) == text[1:]


def test_escapes_by_number() -> None:
    assert unescaped(r"\x41\u00e9\U0001f433\ud83d\ude00") == "A\xe9\U0001f433\U0001f600"
