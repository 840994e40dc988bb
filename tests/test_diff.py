"""Diffs of documents in which an edit joins lines: they hold every line of both texts."""

import pytest

from kubectl_tcr.pipeline import Rewriter
from kubectl_tcr.reports import diff
from tests.conftest import NINE

JOINED = 'a: "quay\\\n  .io/a/b:1"\n'

# Documents in which the edits take lines away.
SOURCES = {
    "one": JOINED,
    "behind other lines": "# c\n# d\n" + JOINED + "b: c\n",
    "in front of the end": "b: c\n" + JOINED[:-1],
    "two in a row": JOINED + JOINED.replace("a", "b", 1),
    "two apart": JOINED + "c: d\n" * 9 + JOINED.replace("a", "b", 1),
    "two on one line": 'a: ["quay\\\n  .io/a/b:1", "quay\\\n  .io/a/c:1"]\nb: c\n',
    "beside one that joins nothing": JOINED + "image: quay.io/a/b:1\nb: c\n" + JOINED.replace("a", "d", 1),
    "behind a separator": "a: 1\n---\n" + JOINED,
    "behind a byte order mark": "\ufeff" + JOINED + "b: c\n",
    "carriage returns": ("b: c\n" + JOINED + "c: d\n").replace("\n", "\r\n"),
}


@pytest.mark.parametrize("name", SOURCES)
def test_lines_that_are_joined_are_taken_away_and_the_others_stay(name: str) -> None:
    source = SOURCES[name].encode()
    _, parts = Rewriter(NINE).parts([source], "x")
    found = list(parts)
    # The lines of the last document, without the hunks that leave out what is far from a change.
    lines = list(diff._lines(b"", found[-1]))
    assert b"".join(line for mark, line in lines if mark != "+") == found[-1].source
    assert b"".join(line for mark, line in lines if mark != "-") == found[-1].output
    kept = {line for mark, line in lines if mark == " "}
    assert all(line in kept for line in found[-1].source.splitlines(keepends=True) if line.strip() in (b"b: c", b"# c"))
    assert sum(mark == "-" for mark, _ in lines) > sum(mark == "+" for mark, _ in lines)
