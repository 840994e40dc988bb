"""Configurations read without a parser: what is accepted is what the parser reads, all else is declined."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kubectl_tcr.errors import ReadError
from kubectl_tcr.readers import plain, values

from .conftest import ROOT

PIECES = st.sampled_from(
    [
        *(
            "a",
            "key",
            "source",
            "quay.io",
            "ghcr.io/acme",
            "*.example.com",
            "host:5000",
            "true",
            "Null",
            "1",
            "1.5",
            "-",
            "y",
        ),
        *(
            "a:",
            "key: ",
            "b:\n",
            "- ",
            "-",
            "\n",
            "\n  ",
            "\n    ",
            "\n- ",
            "\n  - ",
            " ",
            "# c",
            " # c",
            "#",
            "'",
            '"',
            "\\",
        ),
        *(
            "{",
            "}",
            "[",
            "]",
            ", ",
            ",",
            ": ",
            "'x y'",
            '"x: y"',
            "''",
            "{a: b}",
            "[a, b]",
            "&a ",
            "*a",
            "!!str ",
            "|\n",
            "---\n",
        ),
        *(
            "spec:\n  mirrors:\n    - source: a.io\n      mirror: b.io\n",
            "spec.pools[].image",
            "{host}",
            "\t",
            "é",
            "~",
            "<<: ",
            "...\n",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)


def loaded(text: str) -> object:
    """What the parser reads."""
    try:
        return values.load(text)
    except ReadError:
        return None


@given(text=TEXTS)
@example(text="a: b\n c: d\n")
@example(text="a:\n- b\nc: d\n")
@example(text="a:\nb: c\n")
@example(text="- a: b\n  c: d\n-   a: b\n    c: d\n")
@example(text="a: {b: c, d: [e, 'f']}\n")
@example(text="a: b\n\n# c\n  # d\ne: f # g\n")
@example(text="a: 'b''c'\n")
@example(text="a: b:c\n")
@example(text="a: [b:c, d]\n")
@example(text="a: b #c\n")
@example(text="a\nb\n")
@example(text="- - a\n  - b\n")
def test_what_is_accepted_is_what_the_parser_reads(text: str) -> None:
    found = plain.load(text)
    if found is not None:
        assert found == loaded(text)


SHAPES = {
    "a mapping": "a: b\n",
    "blocks": "spec:\n  mirrors:\n    - source: a.io\n      mirror: b.io/c\n  exclude:\n  - name: a*\n    kind: Pod\n",
    "comments and blank lines": "# a\nkey: value # b\n\n  # c\nlist:\n  # d\n  - one\n",
    "quotes": "a: \"b c\"\nd: 'e: f'\n",
    "brackets": "a: [b, 'c d']\ne: {f: g, h: {i: j}}\nk: []\nl: {}\n",
    "a field path and a port": "path: spec.pools[].image\nhost: localhost:5000\n",
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_what_people_write_is_accepted(text: str) -> None:
    assert plain.load(text) == loaded(text)


def test_the_configuration_that_the_readme_shows_is_accepted() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"^```yaml\n(apiVersion: kubectl-tcr.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert plain.load(shown) == loaded(shown)


DECLINED = {
    "nothing": "",
    "a number": "a: 1\n",
    "a truth": "a: Yes\n",
    "a null": "a:\nb: c\n",
    "a null at the end": "a:\n",
    "an empty item": "a:\n-\n- b\n",
    "an anchor": "a: &b c\n",
    "an alias": "a: *b\n",
    "a tag": "a: !!str b\n",
    "a key that is there again": "a: b\na: c\n",
    "a block that is there again": "a:\n  b: c\na:\n  d: e\n",
    "a text over two lines": "a: b\n  c\n",
    "an escape": 'a: "\\x41"\n',
    "a comma at the end": "a: [b,]\n",
    "a separator": "---\na: b\n",
    "a tab": "a:\tb\n",
    "a colon at the end": "a: b:\n",
    "a block scalar": "a: |\n  b\n",
    "another character": "a: é\n",
}


@pytest.mark.parametrize("text", DECLINED.values(), ids=DECLINED)
def test_what_is_for_a_parser_to_say_is_declined(text: str) -> None:
    assert plain.load(text) is None
