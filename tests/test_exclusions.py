"""The table of places that stay: every row is sound, and says what it should."""

import re

import pytest

from kubectl_tcr.kubernetes.exclusions import MATCH_KEY, ROWS, Row, of_resource, parse_rows
from kubectl_tcr.kubernetes.fields import split_path


def test_every_row_is_sound() -> None:
    for row in ROWS:
        assert re.fullmatch(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+|skaffold", row.group), row
        assert re.fullmatch(r"\*|[A-Z][A-Za-z]+", row.kind), row
        assert re.fullmatch(r"(?:[A-Za-z]+(?:\[\])?(?:\.[A-Za-z]+(?:\[\])?)*)?", row.path), row
        assert row.why, row


def test_no_row_stands_twice() -> None:
    assert len({(row.group, row.kind, row.path) for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.group} {row.kind} {row.path}".strip())
def test_a_row_keeps_what_lies_below_its_path(row: Row) -> None:
    kind = "Any" if row.kind == "*" else row.kind
    below = tuple(0 if part == "[]" else part for part in split_path(row.path))
    assert of_resource((*below, "image"), row.group, kind) == row.why
    assert of_resource(("beside", "image"), row.group, kind) == ("" if row.path else row.why)
    for key in row.but:
        assert of_resource((*below, key, "image"), row.group, kind) == ""


def test_the_key_that_a_kustomization_matches_by_is_in_the_table() -> None:
    assert [row.kind for row in ROWS if row.why == MATCH_KEY] == ["Kustomization"]


@pytest.mark.parametrize("line", ["a | b | c", "a | b | c | d | e | f", ""])
def test_a_line_of_another_form_is_no_row(line: str) -> None:
    with pytest.raises(ValueError, match="values to unpack"):
        list(parse_rows([line]))
