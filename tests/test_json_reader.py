"""The JSON reader: every scalar with path and span, and nothing accepted that is no JSON."""

import json
import re

import pytest

from kubectl_tcr.errors import ReadError
from kubectl_tcr.readers import Interest, read_json
from kubectl_tcr.readers.json import DEEPEST
from kubectl_tcr.text.document import Path

INTEREST = Interest(frozenset({"image"}), frozenset({"from"}), frozenset({"images"}), re.compile("quay.io/").search)

# Text: what a reader yields of it, as value, spelling, path.
READ: dict[str, list[tuple[str, str, Path]]] = {
    # What does not matter is dropped.
    "{}": [],
    "[]": [],
    '"nginx"': [],
    '{"kind": "Pod", "image": "", "images": {}}': [],
    '{"image": 1, "a": {"image": null}}': [],
    # Under a key of interest, in a list below one, under any key of a map, as the name of a collection.
    '{"image": "nginx"}': [("nginx", '"nginx"', ("image",))],
    '{"image": ["a", 1, "b"]}': [("a", '"a"', ("image", 0)), ("b", '"b"', ("image", 2))],
    '{"images": {"x": "a"}}': [("a", '"a"', ("images", "x"))],
    '{"name": "x", "from": {"name": "a"}}': [("a", '"a"', ("from", "name"))],
    '{"from": [{"name": "a"}]}': [("a", '"a"', ("from", 0, "name"))],
    # By its value, wherever it stands.
    '"quay.io/a"': [("quay.io/a", '"quay.io/a"', ())],
    '[[], {}, [{"x": "quay.io/a"}]]': [("quay.io/a", '"quay.io/a"', (2, 0, "x"))],
    # Escapes are read, and the span is that of the spelling.
    '\n\t{ "image"\r\n:\t"a\\/\\u0062\\n" }\n': [("a/b\n", '"a\\/\\u0062\\n"', ("image",))],
    '{"im\\u0061ge": "\\ud83d\\ude00"}': [("\U0001f600", '"\\ud83d\\ude00"', ("image",))],
    '{"image": "\\ud83d"}': [("\ud83d", '"\\ud83d"', ("image",))],
    '{"image": "a\x7f\u2028"}': [("a\x7f\u2028", '"a\x7f\u2028"', ("image",))],
    # Of two equal keys, both are yielded.
    '{"image": "a", "image": "b"}': [("a", '"a"', ("image",)), ("b", '"b"', ("image",))],
}

# Text that is refused, and the offset of what is wrong.
REFUSED = {
    "": 0,
    "  ": 2,
    "{": 1,
    "[1": 2,
    '{"a"}': 1,
    '{"a":}': 1,
    '{"a": 1,}': 8,
    "[1,]": 3,
    "[,1]": 1,
    "[1 2]": 3,
    '{"a": 1 "b": 2}': 8,
    "{a: 1}": 1,
    "{'a': 1}": 1,
    '{"a": 1]': 7,
    "[1}": 2,
    "{} {}": 3,
    "[]]": 2,
    "nul": 0,
    "NaN": 0,
    '{"a": NaN}': 1,
    "[Infinity]": 1,
    "[-Infinity]": 1,
    "[01]": 2,
    "[1.]": 2,
    "[.5]": 1,
    "[+1]": 1,
    "[0x1]": 2,
    '["a\nb"]': 1,
    '["a\tb"]': 1,
    '["\\x41"]': 1,
    '["\\u00g0"]': 1,
    '["\\u12"]': 1,
    '["a': 1,
    '["a\\"]': 1,
    "[1] # why": 4,
    "/* why */ 1": 0,
    "\ufeff{}": 0,
    "\xa01": 0,
}

# Text that looks wrong and is JSON.
TRICKY = [
    "-0",
    "1e9999",
    "-1.5E+10",
    '"\\ud800\\ud800"',
    '"\\uDEAD"',
    '"\\u0000"',
    '"\x7f"',
    '{"": ""}',
    '{"a": {"a": {"a": []}}}',
    "[[[]], {}]",
    " [ ] ",
    "[1 , 2]",
    "true",
]


@pytest.mark.parametrize("text", READ, ids=ascii)
def test_what_matters_is_yielded_with_path_and_span(text: str) -> None:
    found = read_json(text, INTEREST).scalars
    assert [(scalar.value, text[scalar.start : scalar.stop], scalar.path) for scalar in found] == READ[text]
    assert all(scalar.style == "json" and not scalar.is_key for scalar in found)


def test_a_key_matters_by_its_value() -> None:
    text = '{"quay.io/a": {"quay.io/b": 1}}'
    found = read_json(text, INTEREST).scalars
    assert [(scalar.value, scalar.path, scalar.is_key) for scalar in found] == [
        ("quay.io/a", ("quay.io/a",), True),
        ("quay.io/b", ("quay.io/a", "quay.io/b"), True),
    ]


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ('["push", "quay.io/a"]', ("push",)),
        ('["docker", "push", "quay.io/a"]', ("docker", "push")),
        ('["quay.io/a"]', ()),
        ('["push", 1, "quay.io/a"]', ("push", "")),
        ('["push", [], "quay.io/a"]', ("push", "")),
        ('["push", ["quay.io/a"]]', ()),
        ('["push", {"x": "quay.io/a"}]', ()),
        ('[["push"], "quay.io/a"]', ("",)),
        ('{"x": "push", "y": "quay.io/a"}', ()),
        (f'[{"1, " * 100}"quay.io/a"]', ("",) * 64),
    ],
)
def test_the_items_in_front_in_the_same_array(text: str, before: tuple[str, ...]) -> None:
    assert [scalar.before for scalar in read_json(text, INTEREST).scalars] == [before]


@pytest.mark.parametrize("text", REFUSED, ids=ascii)
def test_a_refusal_says_where(text: str) -> None:
    with pytest.raises(ReadError, match="invalid JSON") as caught:
        read_json(text, INTEREST)
    assert caught.value.offset == REFUSED[text]


def refuse(constant: str) -> None:
    raise ValueError(constant)


def is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("text", [*READ, *REFUSED, *TRICKY], ids=ascii)
def test_what_is_accepted_is_what_the_standard_library_accepts(text: str) -> None:
    try:
        read_json(text, INTEREST)
        is_accepted = True
    except ReadError:
        is_accepted = False
    assert is_accepted is is_json(text)


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_the_depth_at_which_kubectl_stops(opening: str, closing: str) -> None:
    deepest = opening * DEEPEST + ("1" if closing == "}" else "") + closing * DEEPEST
    assert read_json(deepest, INTEREST).scalars == ()
    with pytest.raises(ReadError, match=f"nested deeper than {DEEPEST} levels") as caught:
        read_json(opening + deepest + closing, INTEREST)
    assert caught.value.offset == DEEPEST * len(opening)


def test_a_long_key_and_a_long_string_take_no_stack() -> None:
    text = json.dumps({"a" * 300_000: "\\" * 300_000, "image": "é" * 300_000})
    [scalar] = read_json(text, INTEREST).scalars
    assert (scalar.value, scalar.stop) == ("é" * 300_000, len(text) - 1)
