"""What a rewriter remembers changes nothing: not if it remembers next to nothing, nor if it remembers everything."""

from collections.abc import Iterator

import pytest

from kubectl_tcr import InputError, Rewrite, Rewriter
from kubectl_tcr.find import search
from kubectl_tcr.readers import columns, lines

from .conftest import NINE, manifests


def done(rewriter: Rewriter, source: bytes) -> Rewrite | str:
    try:
        return rewriter.rewrite(source)
    except InputError as error:
        return str(error)


def sources() -> Iterator[bytes]:
    """All fixtures, forwards and backwards: each is read with what others have left behind."""
    found = [path.read_bytes() for path in manifests()]
    yield from found
    yield from reversed(found)


def test_one_rewriter_for_all_finds_what_a_fresh_one_finds() -> None:
    kept = Rewriter(NINE)
    for source in sources():
        assert done(kept, source) == done(Rewriter(NINE), source)


@pytest.mark.parametrize("bound", [1, 3])
def test_a_memory_that_forgets_all_the_time_finds_the_same(monkeypatch: pytest.MonkeyPatch, bound: int) -> None:
    expected = [done(Rewriter(NINE), source) for source in sources()]
    for module, name in (
        (lines, "_MOST_LINES"),
        (columns, "_MOST_STATES"),
        (columns, "_MOST_SHAPES"),
        (search, "_REMEMBERED"),
    ):
        monkeypatch.setattr(module, name, bound)
    forgetful = Rewriter(NINE)
    assert [done(forgetful, source) for source in sources()] == expected
