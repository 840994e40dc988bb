"""What a person is shown of text from outside: one line, and nothing in it that a terminal or a CI runner obeys."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_tcr.text.printable import printable, quoted_name

STAYS = [
    "",
    "quay.io/acme/app:1.2",
    "deploy/app.yaml:3:14: Pod/web spec.containers[0].image",
    "名前 é 🐳",
    "a::b",
    "a #1 ##2",
    'C:\\temp "x"',
]


@pytest.mark.parametrize("text", STAYS)
def test_ordinary_text_stays(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\r\nc\td", r"a\nb\r\nc\td"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("\x7f\x85\x9b31m", r"\x7f\x85\x9b31m"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("a\u202eb\u2066c\u200fd\u061c", r"a\u202eb\u2066c\u200fd\u061c"),
        ("a\udcffb.yaml", r"a\xffb.yaml"),
        ("\ud800", r"\ud800"),
        ("::add-mask::a", r"\x3a:add-mask::a"),
        ("  \t::error::a", r"  \t::error::a"),
        ("  ::error::a", r"  \x3a:error::a"),
        ("a ##[add-mask]b", r"a #\x23[add-mask]b"),
        ("##vso[task.setvariable]b", r"#\x23vso[task.setvariable]b"),
    ],
    ids=[
        "line ends and tabs",
        "terminal sequences",
        "DEL and C1",
        "separators of Unicode",
        "bidirectional controls",
        "a byte that is no UTF-8",
        "half a character",
        "a command of GitHub's runner",
        "one behind a tab, which is none any more",
        "one behind blanks",
        "its older form",
        "a command of Azure Pipelines",
    ],
)
def test_what_is_obeyed_is_escaped(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(st.characters(exclude_categories=[]) | st.sampled_from("\n\r\x1b\u202e:#[ "), max_size=30))
def test_nothing_that_is_obeyed_is_left(text: str) -> None:
    shown = printable(text)
    assert not [one for one in shown if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")]
    assert not [one for one in shown if unicodedata.bidirectional(one) in ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI")]
    assert not shown.lstrip().startswith("::")
    assert not re.search(r"##\w*\[", shown)
    assert printable(shown) == shown


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a/deploy.yaml", b"a/deploy.yaml"),
        ("a/my file.yaml", b"a/my file.yaml\t"),
        ("a/blank ", b'"a/blank "'),
        ("a/名.yaml", "a/名.yaml".encode()),
        ("a/x\ny.yaml", rb'"a/x\ny.yaml"'),
        ('a/"x\\.yaml', rb'"a/\"x\\.yaml"'),
        ("a/\x1b\u2028.yaml", rb'"a/\033\342\200\250.yaml"'),
        ("a/\udcff.yaml", rb'"a/\377.yaml"'),
    ],
    ids=[
        "plain",
        "a blank",
        "a blank at the end",
        "letters",
        "a line feed",
        "quote and backslash",
        "controls",
        "no UTF-8",
    ],
)
def test_a_name_in_the_header_of_a_diff(name: str, header: bytes) -> None:
    assert quoted_name(name) == header
